"""The site itself: what it promises to the tests that stand on it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.real import need
from tests.site.ground import LAPTOP, PHONE_MAC, SERVER, Port, Site
from tests.site.namespaces import SiteError

R2 = "ucupdates-r2.contoso.com"

ANSWER = """<Response><BaseURL>http://pool.contoso.com/DeviceUpdateFiles_Int/CPE</BaseURL>\
<ExternalBaseURL>https://ext.contoso.com/DeviceUpdateFiles_Ext/CPE</ExternalBaseURL></Response>"""

HANDLER = f"""location = /RequestHandler/ucdevice.upx {{ default_type text/xml; return 200 '{ANSWER}'; }}"""


def usual(site: Site) -> None:
    site.dnsmasq("server", dhcp=True, records={R2: SERVER, "pool.contoso.com": SERVER})
    site.nginx("server", HANDLER, files={"DeviceUpdateFiles_Int/CPE/CPE.nbt": b"\0firmware" * 2000})


def tshark(file: Path, *words: str) -> list[str]:
    done = subprocess.run([need("tshark"), "-r", file, *words], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_phone_gets_through_and_the_laptop_sees_it_all(site: Site, tmp_path: Path) -> None:
    usual(site)
    capture = site.tcpdump("laptop", tmp_path / "a.pcap")
    played = site.phone()
    capture.stop()
    assert played.statuses == [200, 200]
    assert played.of("get")[0]["size"] == 18000
    assert site.lease("phone")["domain"] == "contoso.com"
    kinds = tshark(
        tmp_path / "a.pcap", "-Y", f"dhcp && dhcp.hw.mac_addr == {PHONE_MAC}", "-Tfields", "-edhcp.option.dhcp"
    )
    assert kinds == ["1", "2", "3", "5"]
    assert tshark(tmp_path / "a.pcap", "-Y", "dns.flags.response == 1", "-Tfields", "-edns.qry.name")[0] == R2
    lines = tshark(tmp_path / "a.pcap", "-Y", "http", "-Tfields", "-ehttp.request.method", "-ehttp.response.code")
    assert [line.strip() for line in lines] == ["POST", "200", "GET", "200"]
    assert (
        tshark(tmp_path / "a.pcap", "-otcp.check_checksum:TRUE", "-Y", "tcp.checksum.status == 0 || frame.len > 1514")
        == []
    )


@pytest.mark.parametrize("server", ["isc_dhcpd", "kea"])
@pytest.mark.parametrize("client", ["udhcpc", "dhclient", "dhcpcd"])
def test_every_dhcp_server_serves_every_client(site: Site, server: str, client: str) -> None:
    getattr(site, server)("server")
    getattr(site, client)("phone")
    addresses = site.run("phone", "ip", "-4", "-br", "address", "show", "eth0").stdout
    assert "10.77.0." in addresses
    assert "contoso.com" in site.host("phone").read("/etc/resolv.conf") or client == "dhcpcd"
    assert "contoso.com" not in Path("/etc/resolv.conf").read_text()


def test_a_relay_carries_leases_from_another_network(site: Site) -> None:
    site.add("far", Port("far", "10.78.0.2/24"), gateway="10.78.0.1")
    site.add("gateway", Port("lan", "10.77.0.1/24"), Port("far", "10.78.0.1/24"), forwards=True)
    site.isc_dhcpd("far", router="10.77.0.1", extra_subnets="subnet 10.78.0.0 netmask 255.255.255.0 {}")
    site.dhcp_relay("gateway", "10.78.0.2")
    site.udhcpc("phone")
    assert site.lease("phone")["serverid"] == "10.78.0.2"
    assert "1 received" in site.run("phone", "ping", "-c1", "-W2", "10.78.0.2").stdout


def test_tagged_interfaces(site: Site, tmp_path: Path) -> None:
    site.vlan("server", 20, address="10.79.0.2/24")
    site.vlan("phone", 20)
    capture = site.tcpdump("laptop", tmp_path / "v.pcap")
    dns = {"interface": "eth0.20", "first": "10.79.0.10", "last": "10.79.0.20"}
    site.dnsmasq(
        "server", dhcp=True, domain="voice.contoso.com", records={"ucupdates-r2.voice.contoso.com": "10.79.0.2"}, **dns
    )
    site.nginx("server", HANDLER)
    site.phone("phone", {"do": "ask", "names": ["ucupdates-r2.{domain}"]}, {"do": "post"}, interface="eth0.20")
    capture.stop()
    assert set(tshark(tmp_path / "v.pcap", "-Y", "dns || dhcp || http", "-Tfields", "-evlan.id")) == {"20"}
    assert len(tshark(tmp_path / "v.pcap", "-Y", "http.response.code == 200")) == 1


def test_a_bad_wire(site: Site, tmp_path: Path) -> None:
    usual(site)
    site.host("phone")
    site.netem("phone", loss=0.1, delay=0.005, reorder=0.2, gap=0.02, duplicate=0.1, seed=3)
    capture = site.tcpdump("laptop", tmp_path / "n.pcap")
    played = site.phone(timeout=120)
    capture.stop()
    assert played.of("get")[0]["size"] == 18000
    expression = "tcp.analysis.retransmission || tcp.analysis.out_of_order || tcp.analysis.duplicate_ack"
    assert tshark(tmp_path / "n.pcap", "-Y", expression) != []


def test_frames_lost_by_number(site: Site, tmp_path: Path) -> None:
    usual(site)
    site.udhcpc("phone")
    site.netem("phone", direction="in", drop=(3, 4))
    capture = site.tcpdump("laptop", tmp_path / "d.pcap", "tcp", "port", "80")
    site.phone()
    capture.stop()
    # By the sequence numbers: whether tshark calls it a retransmission or out of order depends on milliseconds.
    fields = ("-Tfields", "-etcp.stream", "-etcp.seq", "-Y", "tcp.len > 0 && tcp.srcport == 80")
    segments = tshark(tmp_path / "d.pcap", *fields)
    assert 1 <= len(segments) - len(set(segments)) <= 4


def test_an_access_port_and_two_tags(site: Site, tmp_path: Path) -> None:
    site.netem("phone", tag=30)
    site.netem("server", tag=30)
    site.vlan("laptop", 40, address="10.80.0.1/24", outer=400)
    site.vlan("server2", 40, address="10.80.0.2/24", outer=400)
    site.dnsmasq("server", dhcp=True)
    capture = site.tcpdump("laptop", tmp_path / "t.pcap")
    site.udhcpc("phone")
    assert "1 received" in site.run("laptop", "ping", "-c1", "-W2", "10.80.0.2").stdout
    capture.stop()
    assert set(tshark(tmp_path / "t.pcap", "-Y", "dhcp", "-Tfields", "-evlan.id")) == {"30"}
    echoes = tshark(tmp_path / "t.pcap", "-Y", "icmp.type == 0", "-Tfields", "-eieee8021ad.id", "-evlan.id")
    assert [line.split() for line in echoes] == [["400", "40"]]


def test_vendor_classes_renewal_and_release(site: Site, tmp_path: Path) -> None:
    site.dnsmasq(
        "server",
        dhcp=True,
        options=["vendor:CPE-OCPhone,10,00:14", "option:ntp-server,10.77.0.9"],
        extra=["dhcp-option-force=vendor:CPE-OCPhone,10,00:14"],
    )
    capture = site.tcpdump("laptop", tmp_path / "l.pcap", "port", "67")
    site.netem("phone", delay=0.02)
    client = site.udhcpc("phone", vendor_class="CPE-OCPhone")
    lease = site.lease("phone")
    assert (lease["domain"], lease["dns"], lease["ntpsrv"]) == ("contoso.com", SERVER, "10.77.0.9")
    client.send(signal.SIGUSR1)
    client.wait_for("site: renew")
    client.send(signal.SIGUSR2)
    client.wait_for("site: deconfig(?s:.*)site: deconfig")
    time.sleep(0.2)
    capture.stop()
    kinds = tshark(tmp_path / "l.pcap", "-Tfields", "-edhcp.option.dhcp")
    assert kinds == ["1", "2", "3", "5", "3", "5", "7"]
    vlans = tshark(tmp_path / "l.pcap", "-Y", "dhcp.option.dhcp == 5", "-Tfields", "-edhcp.option.vendor.value")
    assert set(vlans) != {""}


def test_a_firewall_drops_resets_and_refuses(site: Site) -> None:
    for port in (80, 81, 82, 83):
        site.raw("server", port, b"hello", read=False)
    site.firewall("server", drop=[80], reset=[81], unreachable=[82])

    def outcome(port: int) -> str:
        try:
            socket.create_connection((SERVER, port), 1).close()
        except TimeoutError:
            return "nothing"
        except OSError as error:
            return os.strerror(error.errno or 0)
        return "open"

    assert [site.call("laptop", lambda port=port: outcome(port)) for port in (80, 81, 82, 83)] == [
        "nothing",
        "Connection refused",
        "No route to host",
        "open",
    ]


def test_an_unplugged_host_does_not_answer_arp(site: Site) -> None:
    site.host("server")
    assert "1 received" in site.run("laptop", "ping", "-c1", "-W2", SERVER).stdout
    site.unplug("server")
    site.run("laptop", "ip", "neigh", "flush", "all")
    assert "0 received" in site.run("laptop", "ping", "-c1", "-W1", SERVER, check=False).stdout


@pytest.mark.parametrize("kind", ["dnsmasq", "unbound", "knot", "bind"])
def test_name_servers(site: Site, kind: str) -> None:
    if kind == "dnsmasq":
        site.dnsmasq("server", records={R2: SERVER})
    else:
        getattr(site, kind)("server", {"contoso.com": {R2: SERVER}})
    assert site.dig("laptop", f"@{SERVER}", R2, "+short").strip() == SERVER
    assert "NXDOMAIN" in site.dig("laptop", f"@{SERVER}", "ucupdates.contoso.com")
    assert "ANSWER: 0" in site.dig("laptop", f"@{SERVER}", R2, "AAAA")


def test_tls_with_an_authority_of_its_own(site: Site, tmp_path: Path) -> None:
    issued = site.certificate(R2, SERVER)
    site.nginx("server", HANDLER, tls=issued)
    (tmp_path / "ca.pem").write_bytes(issued.authority)
    assert "200 OK" in site.curl(
        "laptop", "--cacert", str(tmp_path / "ca.pem"), "-d", "x", f"https://{SERVER}/RequestHandler/ucdevice.upx"
    )
    with pytest.raises(SiteError, match="certificate"):
        site.curl("laptop", f"https://{SERVER}/")
    site.openssl_s_server("server", issued, "-www", "-tls1_2", port=8443)
    assert "TLSv1.2" in site.curl("laptop", "-k", f"https://{SERVER}:8443/")


def test_an_old_server_and_an_old_phone(site: Site) -> None:
    issued = site.certificate(R2, sha1=True)
    site.nginx("server", HANDLER, tls=issued, tls_lines="ssl_protocols TLSv1;")
    played = site.phone(
        "phone", {"do": "server", "address": SERVER}, {"do": "post", "tls": {"old": True}}, dhcp=False, check=False
    )
    assert (played.code, played.events[-1].get("error")) == (1, "[Errno 101] Network is unreachable")
    site.run("phone", "ip", "address", "add", "10.77.0.60/24", "dev", "eth0")
    played = site.phone("phone", {"do": "server", "address": SERVER}, {"do": "post", "tls": {"old": True}}, dhcp=False)
    assert played.statuses == [200]


def test_a_phone_that_signs_in_uploads_a_log_and_keeps_the_connection(site: Site) -> None:
    usual(site)
    challenge = """error_page 418 = @challenge;
    location @challenge { add_header WWW-Authenticate NTLM always; return 401; }
    location = /RequestHandlerExt/ucdevice.upx {
        if ($http_authorization = '') { return 418; }
        if ($http_authorization ~ TlRMTVNTUAAB) { return 418; }
        default_type text/xml; return 200 '<Response downloads="0"/>'; }
    location = /RequestHandler/ucdevice.upx { default_type text/xml; return 200 '<Response downloads="0"/>'; }"""
    site.nginx("server2", challenge)
    site.phone(
        "phone",
        {"do": "server", "address": "10.77.0.3"},
        {"do": "post", "external": True, "ntlm": True},
        {"do": "upload"},
        {"do": "post", "chunked": True},
        {"do": "post", "split": True, "times": 3, "keep": True},
        {"do": "post", "pipeline": True, "times": 2},
        {"do": "post", "expect": True},
        {"do": "fetch"},
    )
    played = site.phone("phone", {"do": "post"}, {"do": "wait", "seconds": 0}, dhcp=False, check=False)
    assert (played.code, played.events[-1]["error"]) == (1, "no server known")


def test_unprivileged_and_private_files(site: Site) -> None:
    assert site.run("laptop", "id", "-un", user="nobody").stdout.strip() == "nobody"
    site.host("laptop").write("/etc/ucdiag-test", "here")
    assert not Path("/etc/ucdiag-test").exists()
    assert site.run("laptop", "cat", "/etc/ucdiag-test").stdout == "here"
    assert site.run("laptop", "hostname").stdout.strip() == "laptop"
    assert LAPTOP in site.run("laptop", "ip", "address").stdout


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.usefixtures("site")
def test_nothing_is_left_when_the_owner_is_killed(number: int) -> None:
    before = interfaces(), Path("/etc/resolv.conf").read_text()
    code = """
import sys, time
from tests.site.ground import Site
site = Site()
site.dnsmasq("server", dhcp=True)
site.udhcpc("phone")
site.vlan("phone", 20)
site.netem("laptop", loss=0.1)
pids = [process.pid for host in [site.switch, *site.hosts.values()] for process in host.processes]
print(site._cell.pid, *pids, flush=True)
time.sleep(600)
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pids = [int(word) for word in owner.stdout.readline().split()]
        assert len(pids) == 5
        assert all(alive(pid) for pid in pids)
        owner.send_signal(number)
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline, pids
        time.sleep(0.05)
    assert (interfaces(), Path("/etc/resolv.conf").read_text()) == before


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def interfaces() -> list[str]:
    return sorted(path.name for path in Path("/sys/class/net").iterdir())


def test_a_plain_chroot_has_no_site_and_says_why(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("a chroot needs root")
    (tmp_path / "here").mkdir()
    # All of this machine below a folder where no mount begins.
    script = """
    for path in /*; do
        if [ -L "$path" ]; then cp -a "$path" .
        elif [ -d "$path" ]; then mkdir ".$path" && mount --rbind "$path" ".$path"; fi
    done
    exec chroot . sh -c 'cd "$1" && exec "$2" -c "$3"' sh "$@"
    """
    code = "from tests.site.namespaces import unavailable; print(unavailable())"
    words = ["unshare", "--mount", "sh", "-ec", script, "sh", Path.cwd(), sys.executable, code]
    done = subprocess.run(words, cwd=tmp_path / "here", capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("/ is no mount point here, as in a plain chroot")
