# No message is shorter. Fewer bytes that the capture lacks are the sequence numbers of FINs.
LEAST = 8
