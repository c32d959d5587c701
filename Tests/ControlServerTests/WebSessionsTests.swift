import Control
import NIOHTTP1
import Testing

@testable import ControlServer

@Suite("Sessions of pages")
struct WebSessionsTests {
  private let began = ContinuousClock.now

  private func headers(_ token: String) -> HTTPHeaders { ["Cookie": "a=b; \(WebSessions.cookie)=\(token)"] }

  @Test("sessions end when they aren't used, and at last in any case")
  func ends() {
    let sessions = WebSessions()
    let idle = sessions.begin(.user, at: began)
    let used = sessions.begin(.admin, at: began)
    var now = began
    for _ in 1..<60 {
      now += .seconds(12 * 3_600 - 1)
      #expect(sessions.role(of: headers(used), at: now) == .admin)
    }
    #expect(sessions.role(of: headers(idle), at: began + .seconds(12 * 3_600)) == nil)
    #expect(sessions.role(of: headers(used), at: now + .seconds(6 * 3_600)) == .admin)
    #expect(sessions.role(of: headers(used), at: now + .seconds(18 * 3_600 - 1)) == nil)
    #expect(sessions.role(of: [:], at: began) == nil && sessions.role(of: headers(""), at: began) == nil)
  }

  @Test("a session may be made to end sooner")
  func shorter() {
    let sessions = WebSessions()
    let paired = sessions.begin(.user, for: WebSessions.pairedTime, at: began)
    #expect(sessions.role(of: headers(paired), at: began + .seconds(4 * 3_600 - 1)) == .user)
    #expect(sessions.role(of: headers(paired), at: began + .seconds(4 * 3_600)) == nil)
  }

  @Test("there are only so many: the one that wasn't used for longest goes")
  func limit() {
    let sessions = WebSessions()
    let first = sessions.begin(.user, at: began)
    let second = sessions.begin(.user, at: began + .seconds(1))
    #expect(sessions.role(of: headers(first), at: began + .seconds(2)) == .user)
    for _ in 2...WebSessions.maximumCount { _ = sessions.begin(.user, at: began + .seconds(3)) }
    #expect(sessions.role(of: headers(second), at: began + .seconds(4)) == nil)
    #expect(sessions.role(of: headers(first), at: began + .seconds(4)) == .user)
  }

  @Test("an address of IPv4 is known as such on a socket for both")
  func addresses() {
    #expect(HTTPCaller(localAddress: "::ffff:192.0.2.1").localAddress == "192.0.2.1")
    #expect(HTTPCaller(localAddress: "2001:db8::1").localAddress == "2001:db8::1")
  }
}
