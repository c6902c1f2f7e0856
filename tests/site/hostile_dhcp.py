"""A DHCP server that means harm, run as a script: answers each question with many malformed replies.

Usage: ``hostile_dhcp.py INTERFACE SEED``. It sees questions on a packet socket and answers each at once, some replies
broadcast, some to the client's hardware address alone, and a few for somebody else's transaction.
"""

import random
import socket
import struct
import sys

ADDRESS = bytes([10, 77, 0, 99])


def replies(question: bytes, chance: random.Random) -> list[bytes]:
    kind = b"\x35\x01\x05" if b"\x35\x01\x08" in question[:260] else b"\x35\x01\x02"
    head = b"\x02\x01\x06\0" + question[4:8] + bytes(4) + bytes(4) + bytes([10, 77, 0, 7]) + ADDRESS + bytes(4)
    head += question[28:44]
    cookie = b"\x63\x82\x53\x63"
    whole = head + bytes(192) + cookie + kind + b"\x36\x04" + ADDRESS
    loop = b"\xc0\x00" * 60
    bodies = [
        whole + b"\x0f\x0bcontoso.com\xff",
        whole + bytes([119, len(loop)]) + loop + b"\xff",
        whole + bytes([119, 6]) + b"\x01a\xc0\x02\xc0\x00" + b"\xff",
        whole + bytes([119, 255]) + b"\x3f" * 255 + bytes([119, 255]) + b"\x3f" * 255 + b"\xff",
        whole + bytes([120, 5]) + b"\x00\xff\xff\xff\xff" + bytes([120, 3]) + b"\x07\x01\x02" + b"\xff",
        whole + bytes([43, 4]) + b"\x0a\xff\x01\x02" + b"\xff",
        whole + b"\x0f\xff",
        whole + b"\x0f\x12\x1b[31m\x07\x00[/red]\r\nx\x9b\xff" + b"\xff",
        whole + b"\x34\x01\x03" + b"\x34\x01\x03" * 300,
        whole + b"\x06\xff" + bytes(range(255)) * 5,
        head + bytes(192) + cookie + b"\xff",
        head + bytes(192) + b"\0\0\0\0" + kind,
        head + bytes(50),
        head,
        question,
        b"\x02" + bytes(300),
        whole[:240] + chance.randbytes(1100),
        whole[:250] + chance.randbytes(1100),
    ]
    bodies += [whole + chance.randbytes(chance.randrange(600)) for _ in range(10)]
    return bodies


def frames(question: bytes, own: bytes, chance: random.Random) -> list[bytes]:
    found = []
    for payload in replies(question, chance):
        to = b"\xff" * 6 if chance.random() < 0.5 else question[28:34]
        datagram = struct.pack("!HHHH", 67, 68, 8 + len(payload), 0) + payload
        # The sum must be right: the switch looks at it.
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0) + ADDRESS + b"\xff" * 4
        total = sum(struct.unpack("!10H", head))
        total = (total & 0xFFFF) + (total >> 16)
        packet = head[:10] + struct.pack("!H", 0xFFFF - ((total & 0xFFFF) + (total >> 16))) + head[12:] + datagram
        found.append(to + own + b"\x08\x00" + packet)
    found.append(found[0][:14] + chance.randbytes(500))
    found.append(found[0][: len(found[0]) // 2])
    return found


def main() -> None:
    interface, chance = sys.argv[1], random.Random(int(sys.argv[2]))
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    end.bind((interface, 0x0003))
    own = end.getsockname()[4]
    print("listening", flush=True)
    while True:
        frame, sender = end.recvfrom(65535)
        if sender[2] == 4 or frame[12:14] != b"\x08\x00" or frame[23] != 17 or frame[36:38] != b"\x00\x43":
            continue
        for answer in frames(frame[42:], own, chance):
            end.send(answer[:1500])


if __name__ == "__main__":
    main()
