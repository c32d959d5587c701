import Testing
import WebRTC

@Suite("Candidate lines and credentials")
struct ICECandidateTests {
  @Test("the examples of RFC 8839 and RFC 6544 are read and written the same")
  func examples() throws {
    let host = "candidate:1 1 UDP 2130706431 203.0.113.141 8998 typ host"
    let reflexive = "a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998\r\n"
    let tcp = "candidate:1 1 TCP 2128609279 192.0.2.1 9 typ host tcptype active"
    let first = try #require(ICECandidate(host))
    #expect(first.foundation == "1" && first.component == 1 && first.transport == .udp && first.kind == .host)
    #expect(first.priority == 2_130_706_431 && first.address == socket("203.0.113.141:8998"))
    #expect(first.description == "candidate:1 1 udp 2130706431 203.0.113.141 8998 typ host")
    let second = try #require(ICECandidate(reflexive))
    #expect(second.kind == .serverReflexive && second.relatedAddress == socket("203.0.113.141:8998"))
    #expect(
      second.description == "candidate:2 1 udp 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998")
    let third = try #require(ICECandidate(tcp))
    #expect(third.transport == .tcp && third.tcpType == .active)
    #expect(third.description == "candidate:1 1 tcp 2128609279 192.0.2.1 9 typ host tcptype active")
  }

  @Test("names and unknown extensions are kept or passed over")
  func extensions() throws {
    let name = try #require(
      ICECandidate(
        "candidate:842163049 1 udp 1677729535 1b2c.local 46154 typ host generation 0 ufrag 8hhY network-cost 999"))
    #expect(name.host == .name("1b2c.local") && name.address == nil)
    #expect(name.generation == 0 && name.usernameFragment == "8hhY")
    #expect(
      name.description == "candidate:842163049 1 udp 1677729535 1b2c.local 46154 typ host generation 0 ufrag 8hhY")
    let ipv6 = try #require(ICECandidate("candidate:1 1 udp 99 2001:db8::1 7 typ relay raddr :: rport 9 lonely"))
    #expect(ipv6.address == socket("[2001:db8::1]:7") && ipv6.kind == .relayed)
  }

  @Test(
    "what can't be used is refused",
    arguments: [
      "", "candidate:", "candidate:1 1 udp 1 192.0.2.1 1", "candidate:1 1 udp 1 192.0.2.1 1 typ strange",
      "candidate:1 1 sctp 1 192.0.2.1 1 typ host", "candidate:1 1 udp 1 192.0.2.1 65536 typ host",
      "candidate:1 1 udp 2147483648 192.0.2.1 1 typ host", "candidate:1 1 udp 0 192.0.2.1 1 typ host",
      "candidate:1 0 udp 1 192.0.2.1 1 typ host", "candidate:1 1 udp -1 192.0.2.1 1 typ host",
      "candidate:1 1 tcp 1 192.0.2.1 1 typ host", "candidate:ü 1 udp 1 192.0.2.1 1 typ host",
      "candidate:1 1 udp 1 192.0.2.1 1 kind host", "candidate:1 1 udp 1 192.0.2.1 1 typ host ufrag 6\u{B}\u{301}",
      "candidate:1 1 udp 1 192.0.2.1 1 typ host ufrag a \u{301}b c",
    ])
  func refused(line: String) {
    #expect(ICECandidate(line) == nil)
  }

  @Test("priorities follow RFC 8445 section 5.1.2.1")
  func priorities() {
    #expect(ICECandidate.priority(kind: .host, localPreference: 65_535) == 2_130_706_431)
    #expect(ICECandidate.priority(kind: .serverReflexive, localPreference: 65_535) == 1_694_498_815)
    #expect(ICECandidate.priority(kind: .relayed, localPreference: 0, component: 256) == 0)
  }

  @Test("credentials are long enough, of allowed characters and never the same twice")
  func credentials() {
    let made = (0..<1_000).map { _ in ICECredentials.random() }
    #expect(made.allSatisfy { $0.isValid })
    #expect(Set(made).count == 1_000)
    #expect(!ICECredentials(usernameFragment: "abc", password: "0123456789abcdefghijkl").isValid)
    #expect(!ICECredentials(usernameFragment: "abcd", password: "0123456789abcdefghijk").isValid)
    #expect(!ICECredentials(usernameFragment: "ab:d", password: "0123456789abcdefghijkl").isValid)
  }
}
