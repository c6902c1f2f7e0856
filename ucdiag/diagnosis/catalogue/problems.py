"""The codes of problems: what could not be tested, what a reader of the report must know, and what to do about it.

A problem is not a fault of the path. The report prints a text beside the code, which names the file, the interface
or the number. The entries here hold for every such text.
"""

from ucdiag.model.fast_dataclass import record
from ucdiag.model.vocabulary import ProblemCode


@record(frozen=True, slots=True, kw_only=True)
class ProblemEntry:
    """One code of a problem: ``title`` states it, ``meaning`` is its effect on the report, ``fix`` is the remedy."""

    code: ProblemCode
    title: str
    meaning: str
    fix: str


_ENTRIES = (
    ProblemEntry(
        code="answer-not-logged",
        title="The logs do not show what the update service answered",
        meaning="A log of IIS has the status of an answer, and not its content. So it is not known whether the phone "
        "was offered an update. The audit log of the Device Update Service has that.",
        fix="Name the audit logs of the same server and days, too: RequestHandlerAuditLog_*.log in "
        "Logs\\Server\\Audit\\imageUpdates below the update service's folder or share.",
    ),
    ProblemEntry(
        code="asked-through-vpn",
        title="Servers were asked through a VPN of this machine",
        meaning="This machine has a VPN of its own (OpenVPN, WireGuard, PPP), and its routes to these servers go "
        "through it. The phones of a site go through the site's network. A fault there was not seen, and one that was "
        "seen may be the VPN's.",
        fix="Disconnect the VPN and run it again from the phones' network. If the VPN is the way that is to be tested, "
        "there is nothing to do.",
    ),
    ProblemEntry(
        code="behind-router",
        title="The MAC address in the capture is a router's",
        meaning="A router stands between the phone and the place of the capture. "
        "So the phone is known by its IP address and by what its requests say, and its DHCP is not seen.",
        fix="Capture in the phones' own VLAN.",
    ),
    ProblemEntry(
        code="body-cut",
        title="A saved request is longer than it announces",
        meaning="The saved request has more bytes than its Content-Length says. Only as many as announced were sent.",
        fix="Correct the Content-Length line in the saved file, or remove it to have all bytes sent.",
    ),
    ProblemEntry(
        code="bug",
        title="A bug in ucdiag ended the run",
        meaning="ucdiag met something that it should have handled. What was measured before counts.",
        fix="Run it again with UCDIAG_TRACEBACK=1 in the environment. Report what it prints to the project's issue "
        "tracker.",
    ),
    ProblemEntry(
        code="ca-unusable",
        title="The file of trusted roots cannot be used",
        meaning="The file given with --ca cannot be read or holds no certificate in PEM form. TLS was not tested.",
        fix="Check the name of the file. Convert a certificate in DER form with "
        "'openssl x509 -inform der -in FILE -out FILE.pem'.",
    ),
    ProblemEntry(
        code="capture-cut",
        title="A capture file ends in the middle, or a part of it is damaged",
        meaning="All packets before the damage were judged. What came after them is not known.",
        fix="Copy the file again, or end the capturing program before the copy. "
        "Take a new capture if it stays damaged.",
    ),
    ProblemEntry(
        code="capture-ended",
        title="The interface went away during the capture",
        meaning="The capture ended when the interface did. What was seen until then was judged.",
        fix="Check the cable and the interface ('ip link'), and start the capture again.",
    ),
    ProblemEntry(
        code="capture-link-type",
        title="Packets of an unknown link type were left out",
        meaning="The capture has packets from an interface whose framing ucdiag cannot read. They were not judged.",
        fix="Capture on the Ethernet interface that the phones' packets pass.",
    ),
    ProblemEntry(
        code="capture-unreadable",
        title="A capture file cannot be opened",
        meaning="The system does not give the file, or a package that decompresses it is missing. "
        "Nothing of it was judged.",
        fix="Check the name and the permissions of the file. Decompress it first where the message says so.",
    ),
    ProblemEntry(
        code="capture-unwritable",
        title="The captured packets cannot be written",
        meaning="The file given with --write cannot be written, or cannot hold such packets. "
        "The run ended, for the copy would lack packets.",
        fix="Check the folder, its permissions and the space left. Use a name that ends in .pcapng for several link "
        "types.",
    ),
    ProblemEntry(
        code="clock-set-back",
        title="The times of the capture go back",
        meaning="The clock of the capturing machine was set, or files were joined in the wrong order. "
        "Times after that point are judged as if the clock had gone on.",
        fix="Name the files in the order of their times. Keep the clock of the capturing machine by NTP.",
    ),
    ProblemEntry(
        code="connect-to-unused",
        title="No connection used a --connect-to entry",
        meaning="The name or port in the entry is none that the path asked for, or the walk ended earlier. "
        "The entry changed nothing.",
        fix="Compare the host and port of the entry with those in the report.",
    ),
    ProblemEntry(
        code="dhcp-malformed",
        title="Answers to the DHCP question could not be read",
        meaning="Something answered on the DHCP ports with bytes that are no DHCP message, or with one that breaks off "
        "before its options end. What is missing of it may only be lost, so nothing is concluded from that.",
        fix="Capture the exchange ('sudo ucdiag capture -i INTERFACE -w FILE') to find the sender.",
    ),
    ProblemEntry(
        code="dhcp-too-many-answers",
        title="More DHCP answers came than were read",
        meaning="Far more answers came than servers can send to a few questions. Only the first were judged.",
        fix="Look for a loop in the network, or a program that answers everything, in a capture.",
    ),
    ProblemEntry(
        code="files-missing",
        title="A file of a series is missing",
        meaning="By their names, files of a capture lie between those that were read. "
        "From what is missing in that time nothing is concluded.",
        fix="Name all files of the series. If a ring has overwritten one, capture again with more or larger files.",
    ),
    ProblemEntry(
        code="files-order",
        title="The captures were not named in the order of their times",
        meaning="A file begins before the one named in front of it. "
        "Questions and answers in different files may not have met.",
        fix="Name the files in the order of their times.",
    ),
    ProblemEntry(
        code="forgotten",
        title="Facts were forgotten to keep memory bounded",
        meaning="The capture has more hosts or phones than are kept in full. "
        "What the message names is missing from the report.",
        fix="Name the phones in question with --mac, or read parts of the capture one by one.",
    ),
    ProblemEntry(
        code="frames-not-packets",
        title="The capture has blocks that Wireshark numbers as frames",
        meaning="A pcapng file may hold custom blocks, journal entries and events beside packets. Wireshark and ucdiag "
        "number them as frames. tcpdump and capinfos count packets alone.",
        fix="Look for a frame number in Wireshark or tshark.",
    ),
    ProblemEntry(
        code="frames-of-copy",
        title="Frame numbers are those of the copy",
        meaning="The packets came over a pipe or an interface and were written with --write. "
        "The report's frame numbers count the packets of that copy.",
        fix="Open the copy, not the original, to find a frame.",
    ),
    ProblemEntry(
        code="interface-down",
        title="Nothing could be sent on the interface",
        meaning="The system refused to send the DHCP question. It says nothing about a DHCP server.",
        fix="Check the cable and that the interface is up ('ip link'). Name another one with --interface.",
    ),
    ProblemEntry(
        code="interrupted",
        title="The run was interrupted",
        meaning="Ctrl-C or a signal ended the run. The report has what was measured until then.",
        fix="Run it again and let it finish.",
    ),
    ProblemEntry(
        code="keylog-incomplete",
        title="The key log does not hold all that was asked of it",
        meaning="Secrets are missing, came too late, or were not read to the end. "
        "TLS connections without their secrets stay encrypted in the report.",
        fix="Give the whole key log of the same time as the capture. Save a capture from a pipe in a file first.",
    ),
    ProblemEntry(
        code="keylog-unreadable",
        title="The key log cannot be read",
        meaning="The file cannot be opened, or no line of it has the format of SSLKEYLOGFILE.",
        fix="Check the name and the permissions of the file, and that a TLS library wrote it.",
    ),
    ProblemEntry(
        code="lease-declined",
        title="The phone declined its lease, because another host has the address",
        meaning="The phone answered the lease with DECLINE (RFC 2131, section 3.1, step 5), and no lease that it kept "
        "is in the capture. So nothing of its update path was seen.",
        fix="Find the host that has the address, with 'arp -a' on a machine in that VLAN. Give it another address, or "
        "exclude that one from the DHCP server's scope. Then restart the phone.",
    ),
    ProblemEntry(
        code="lease-malformed",
        title="A lease of this machine could not be read whole",
        meaning="A file of the DHCP client holds something that is no lease in its format. That part was left out.",
        fix="Look at the file that the message names. Renew the lease, so that the client writes it again.",
    ),
    ProblemEntry(
        code="lease-no-trace",
        title="The DHCP client keeps no record of its lease",
        meaning="udhcpc runs on this machine and writes no lease file by itself. The domain that it got is not known.",
        fix="Ask a DHCP server with 'sudo ucdiag check-dhcp --ask', or give the domain with --domain.",
    ),
    ProblemEntry(
        code="lease-unreadable",
        title="A lease of this machine may not be read",
        meaning="The file of the DHCP client exists, and the system does not let this user read it.",
        fix="Run the command again with administrator's rights (sudo).",
    ),
    ProblemEntry(
        code="log-lines",
        title="Some lines of the logs could not be read",
        meaning="They have other fields than such a line must have, or a time that cannot be read. "
        "All other lines count.",
        fix="Look at the lines that are named. Copy the log again if it was written during the copy.",
    ),
    ProblemEntry(
        code="log-times",
        title="The times of the audit log had to be interpreted",
        meaning="The audit log names no zone, and its dates may be written in two ways. "
        "The report says how they were read.",
        fix="Give the zone of the server with --utc-offset, such as +02:00.",
    ),
    ProblemEntry(
        code="log-unreadable",
        title="A log could not be read",
        meaning="The file cannot be opened, or is damaged. What the other logs hold counts.",
        fix="Copy the file again, as a user who may read it.",
    ),
    ProblemEntry(
        code="logs-differ",
        title="The IIS log has update requests that the audit log lacks",
        meaning="Both logs cover the same time. The audit log lacks requests that IIS answered with success. "
        "A row is written after 5 minutes at most.",
        fix="Name the audit logs of all servers. Check that the service may write to its Logs folder.",
    ),
    ProblemEntry(
        code="loss-not-counted",
        title="How many packets the capture lost is not known",
        meaning="Capturing on this system gives no count of lost packets. "
        "An answer that is missing in the capture may have been lost there.",
        fix="Repeat a capture that shows silence, or capture on Linux, where the kernel counts.",
    ),
    ProblemEntry(
        code="loopback-blocked",
        title="Something blocks connections to this machine itself",
        meaning="The lab could not reach its own servers on 127.0.0.1. The scenario was not tried.",
        fix="Check the firewall and the virus scanner of this machine.",
    ),
    ProblemEntry(
        code="loopback-down",
        title="The loopback interface is down",
        meaning="The lab needs 127.0.0.1 for its servers. The scenario was not tried.",
        fix="Bring it up with 'sudo ip link set lo up'.",
    ),
    ProblemEntry(
        code="max-time",
        title="The time for the whole run was over",
        meaning="However slowly others answer, --max-time ends the run. The report has what was tested by then. "
        "An answer that was still awaited is neither there nor missing.",
        fix="Run it again with a larger --max-time. Look at the report for who answers slowly or not at all.",
    ),
    ProblemEntry(
        code="nameserver-stopped",
        title="A nameserver stopped answering in the middle of the run",
        meaning="It answered, and then not even the same question again. "
        "It ended, or it limits how often it may be asked.",
        fix="Run it again. If it stops again, look at the nameserver's own log and at its limits for each client.",
    ),
    ProblemEntry(
        code="no-dhcp-server",
        title="No DHCP server is known",
        meaning="The question as a relay goes to one DHCP server, and this machine's lease names none.",
        fix="Name the server behind the relay's address: --relay ADDRESS/SERVER.",
    ),
    ProblemEntry(
        code="no-domain",
        title="The phones' DHCP domain is not known",
        meaning="This machine's lease and resolver name no DNS domain, so the phones' name cannot be formed.",
        fix="Give the domain that the phones get from DHCP with --domain NAME.",
    ),
    ProblemEntry(
        code="no-interface",
        title="The interface does not exist or cannot be used",
        meaning="No interface has this name, it is down, or it is of a kind that cannot be used. Nothing was tested.",
        fix="List the interfaces with 'ucdiag capture -D', and name one with --interface.",
    ),
    ProblemEntry(
        code="no-lease",
        title="This machine has no DHCP lease in use",
        meaning="Its address is set by hand, or its DHCP client keeps the lease where ucdiag does not look. "
        "What DHCP hands out is not known.",
        fix="Ask a DHCP server with 'sudo ucdiag check-dhcp --ask'.",
    ),
    ProblemEntry(
        code="no-log-row",
        title="A phone, or any phone, is in none of the logs",
        meaning="No phone, or not this one, reached this server while these logs were written. "
        "A row may also be 5 minutes late.",
        fix="Name the logs of all servers. Capture at the phone with 'ucdiag capture' to see where its path ends.",
    ),
    ProblemEntry(
        code="no-nameserver",
        title="No nameserver is known",
        meaning="This machine's lease and resolver name no nameserver, so no name can be looked up.",
        fix="Name the phones' nameserver with --nameserver ADDRESS.",
    ),
    ProblemEntry(
        code="no-packet-socket",
        title="No packet socket could be opened",
        meaning="The system offers no way to send or read whole packets here. Nothing was tested.",
        fix="Leave out --sniffer ring on other systems than Linux. In a container, allow CAP_NET_RAW.",
    ),
    ProblemEntry(
        code="no-privilege",
        title="The user's rights do not suffice",
        meaning="Reading packets, and sending DHCP as a phone does, need administrator's rights. Nothing was tested.",
        fix="Run the command with sudo, or as administrator on Windows. "
        "A capture file of another program can be read without such rights.",
    ),
    ProblemEntry(
        code="no-request",
        title="No update request was saved",
        meaning="The capture has no request that --save-request could keep, or its file could not be written.",
        fix="Restart the phone while the capture runs. Check that the phone asks over http.",
    ),
    ProblemEntry(
        code="no-resources",
        title="This process ran out of memory or of open files",
        meaning="A limit of this machine or of this process was reached, so not all could be done. "
        "It says nothing of a server.",
        fix="Close programs, or raise the limits: 'ulimit -n' and 'ulimit -v' show them.",
    ),
    ProblemEntry(
        code="no-scapy",
        title="The Python package scapy is missing",
        meaning="On systems other than Linux, ucdiag reads and sends packets by scapy. Nothing was tested.",
        fix="Install it with 'pip install scapy'.",
    ),
    ProblemEntry(
        code="no-sockets",
        title="This machine cannot open another connection",
        meaning="The system has no sockets, files or memory left. It says nothing about the server.",
        fix="Close programs and try again.",
    ),
    ProblemEntry(
        code="no-user",
        title="The user to run as does not exist",
        meaning="A capture gives up root's rights to a user, and there is none of that name. Nothing was captured.",
        fix="Name an ordinary user with -Z.",
    ),
    ProblemEntry(
        code="not-a-capture",
        title="The file is no capture that ucdiag reads",
        meaning="The file is neither pcap nor pcapng. Nothing of it was judged.",
        fix="Convert it with Wireshark's 'editcap -F pcapng IN OUT'.",
    ),
    ProblemEntry(
        code="not-a-log",
        title="A file is no log that ucdiag knows",
        meaning="It is neither an audit log of the Device Update Service nor a W3C log of IIS. It was passed over.",
        fix="Name the folder with RequestHandlerAuditLog_SERVER_DATE.log, or the folder W3SVC of the web site.",
    ),
    ProblemEntry(
        code="not-as-expected",
        title="A site is not as the file of expectations says",
        meaning="The reports observed another domain, address, version or certificate than --expect names, or no "
        "report is of a site that it names. What was not observed is not held against anybody.",
        fix="Correct what is named, or the file of expectations if the site was changed on purpose.",
    ),
    ProblemEntry(
        code="not-put-in",
        title="The saved request lacks what an option would change",
        meaning="The saved request has no field for the value of an option such as --mac or --serial. "
        "It was sent as it stands.",
        fix="Leave the option out, or save a request that holds the field.",
    ),
    ProblemEntry(
        code="not-sent",
        title="This machine could not send",
        meaning="A route, a firewall or the interface of this machine kept the packets here, or its own resolver gives "
        "no answer. It says nothing about the server.",
        fix="Check this machine's addresses, routes, firewall and resolver, as the report names them. "
        "Test from the phones' network, and name the phones' DNS server with --nameserver.",
    ),
    ProblemEntry(
        code="output",
        title="The report could not be written",
        meaning="The file or the standard output takes no more: no space, no permission, or closed.",
        fix="Check the space and the permissions, or write elsewhere with --output FILE.",
    ),
    ProblemEntry(
        code="packets-cut",
        title="The snap length cut packets of the update path",
        meaning="The capture kept only the beginning of these packets. A step that needed the rest is not judged.",
        fix="Capture whole packets: 'tcpdump -s 0', or Wireshark without a limit.",
    ),
    ProblemEntry(
        code="packets-lost",
        title="The capture lost packets",
        meaning="The capturing machine could not keep up. An answer that seems missing may have been lost there.",
        fix="Capture only what matters ('ucdiag capture -w FILE' does), or on a faster machine.",
    ),
    ProblemEntry(
        code="part-unknown",
        title="A part of the file was sent, and which part is not known",
        meaning="The server answered a request for the file with status 206. The answer does not say which bytes it "
        "carries, and a log of IIS never does. So whether the phone got the whole file is not known.",
        fix="Fetch the file with 'ucdiag probe'. If it arrives whole, wait until the phone was idle, and check which "
        "version it asks as next.",
    ),
    ProblemEntry(
        code="port-not-watched",
        title="The file is at a port that was not watched",
        meaning="The update service named a URL with a port of its own for the file. What the phone did at that port "
        "is not known.",
        fix="Run it again with --port and that port, on the same file or live.",
    ),
    ProblemEntry(
        code="proxy-unusable",
        title="The proxy cannot be used",
        meaning="The proxy given does not answer, or does not let the connection through. "
        "Nothing behind it was tested.",
        fix="Give the proxy as http://host:port. Phones use no proxy: test without one from their network.",
    ),
    ProblemEntry(
        code="relay-no-answer",
        title="No DHCP server answered the question as a relay",
        meaning="The server may have no scope for that subnet, not know link selection, or be behind a firewall. "
        "It says nothing about the phones.",
        fix="Ask from a machine that has an address of the phones' subnet.",
    ),
    ProblemEntry(
        code="relay-other-subnet",
        title="The DHCP server answered for another subnet",
        meaning="The address offered is of another subnet than the one asked for. The answer was not judged.",
        fix="Ask from a machine that has an address of the phones' subnet.",
    ),
    ProblemEntry(
        code="report-unreadable",
        title="A stored report could not be read",
        meaning="The file is missing, damaged, or no report of ucdiag in JSON. Or the run that wrote it judged no "
        "phone, or could not read or ask all. The other reports count.",
        fix="Store reports with '-f json -o FILE'. Copy a damaged file again. Where no phone was judged, or not "
        "all, fix what that report names and test again.",
    ),
    ProblemEntry(
        code="reports-differ",
        title="The wire and the server's log disagree about a phone",
        meaning="Both have the same request, and one has what the other lacks, or something else. The report shows "
        "the worse of the two; of checks at different times the later one.",
        fix="Name the logs of all servers of the pool, read those of the last 5 minutes again, and compare the clocks. "
        "Look for a balancer or proxy between phone and server.",
    ),
    ProblemEntry(
        code="server-spared",
        title="A server got fewer requests at a time",
        meaning="It answered 503, answered more and more slowly, or refused connections beside others. "
        "What it answered in the end counts.",
        fix="If it is to be quicker, look at the server's load. Ask with fewer --jobs or a lower --rate.",
    ),
    ProblemEntry(
        code="several-files",
        title="Several files were read as one capture",
        meaning="Frame numbers count through all files. The message says how to find a frame in its file.",
        fix="Nothing is to be done.",
    ),
    ProblemEntry(
        code="several-phones",
        title="Several phones sent from one address",
        meaning="The phones are behind address translation and are distinguished by the fields of their requests. "
        "A failed connection without such fields counts against each of them. In the server's logs the address may be "
        "a proxy's: a request that cannot be assigned to a phone is listed under it.",
        fix="Capture in the phones' own VLAN. Have IIS log the address that the proxy names (X-Forwarded-For).",
    ),
    ProblemEntry(
        code="several-sites",
        title="Reports of several networks have one site's name",
        meaning="A stored report has its site's name from its file. Reports of machines in different networks, with "
        "other resolvers or another DHCP server, are of different sites, whatever their files are called.",
        fix="Name the files by their sites, or run the checks with --site.",
    ),
    ProblemEntry(
        code="targets-skipped",
        title="Lines of the file of targets cannot be used",
        meaning="The lines named are no targets, and nobody was asked for them. All others were asked.",
        fix="Correct these lines. With '--bad-lines stop' nobody is asked before all lines are right.",
    ),
    ProblemEntry(
        code="times-missing",
        title="Packets of the capture have no time",
        meaning="Simple packet blocks of pcapng have no time, so how long nothing came is not known. "
        "From what is missing nothing is concluded.",
        fix="Capture again with times, as tcpdump and dumpcap do.",
    ),
    ProblemEntry(
        code="times-unordered",
        title="The packets of the capture are not in the order of their times",
        meaning="What the report says of durations and of missing answers may be wrong.",
        fix="Put them in order with Wireshark's 'reordercap IN OUT', and read the new file.",
    ),
    ProblemEntry(
        code="tls-newer-only",
        title="TLS works with a newer version only",
        meaning="The server completed the handshake with a newer version and refused TLS 1.0 alone. "
        "Whether the phone's firmware can do that is not known.",
        fix="If a phone fails at this step, read 'ucdiag explain tls-version'.",
    ),
    ProblemEntry(
        code="tls-not-decrypted",
        title="TLS connections were not decrypted",
        meaning="No secrets were given, or some connections did not open with those that were. "
        "What the phone asked in these, and what it was answered, is not known.",
        fix="Test the server itself with 'ucdiag probe'. With a key log, check that it is of these connections, and "
        "that the capture has their beginning.",
    ),
    ProblemEntry(
        code="tls-old-untested",
        title="TLS 1.0 could not be tried",
        meaning="Such phones are known to have TLS 1.0, and the TLS library of this machine was built without it.",
        fix="Try it from another machine with 'openssl s_client -tls1 -cipher DEFAULT@SECLEVEL=0'.",
    ),
    ProblemEntry(
        code="too-many-addresses",
        title="DNS gave more addresses than were tried",
        meaning="Only the first addresses were connected to. The others are not known to work.",
        fix="Test another address with --address.",
    ),
    ProblemEntry(
        code="too-many-ports",
        title="More ports were given than one filter holds",
        meaning="The kernel's filter has no room for so many ports. Nothing was captured.",
        fix="Give fewer ports with --port.",
    ),
    ProblemEntry(
        code="usage",
        title="The command line cannot be used",
        meaning="A word, an option or its value is wrong. Nothing was tested.",
        fix="Read the sentence, which names the word and the nearest right one, or the command's --help.",
    ),
)

PROBLEMS: dict[str, ProblemEntry] = {entry.code: entry for entry in _ENTRIES}
