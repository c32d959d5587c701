import Testing
import WebRTC

@Suite("Addresses as text")
struct AddressTests {
  @Test(
    "each notation is read and written back in RFC 5952's form",
    arguments: [
      // The examples of RFC 5952 sections 1, 2 and 4.
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
      ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
      ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:AAAA", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"),
      ("0:0:0:0:0:0:0:0", "::"), ("::1", "::1"), ("1::", "1::"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
      ("::FFFF:C000:0201", "::ffff:192.0.2.1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
      ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
    ])
  func notation(text: String, canonical: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.description == canonical)
    #expect(IPAddress(canonical) == address)
  }

  @Test(
    "what isn't an address is refused",
    arguments: [
      "", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:8::",
      "::1%eth0",
      "[::1]", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:", "1.2.3.4::", "::1.2.3", "1.2.3", "1.2.3.4.5", "1.2.3.256",
      "01.2.3.4", "1.2.3.", "1.2.3.-4", "1.2.3.4 ", "localhost", "1.2.3.0x4", "１.2.3.4",
    ])
  func refused(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test("addresses with ports are read and written")
  func ports() {
    for text in ["192.0.2.1:443", "[2001:db8::1]:65535", "[::]:0"] {
      #expect(SocketAddress(text)?.description == text)
    }
    for text in [
      "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:+1", "::1:80", "[192.0.2.1]:80", ":80", "[]:1",
    ] {
      #expect(SocketAddress(text) == nil)
    }
  }

  @Test("special ranges are known")
  func ranges() throws {
    for (text, isLoopback, isLinkLocal) in [
      ("127.1.2.3", true, false), ("::1", true, false), ("169.254.0.1", false, true), ("fe80::1", false, true),
      ("febf::1", false, true), ("fec0::1", false, false), ("192.0.2.1", false, false),
    ] {
      let address = try #require(IPAddress(text))
      #expect(address.isLoopback == isLoopback)
      #expect(address.isLinkLocal == isLinkLocal)
    }
  }
}
