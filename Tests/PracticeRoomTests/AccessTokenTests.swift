import Testing

@testable import PracticeRoom

@Suite("Access tokens")
struct AccessTokenTests {
  private let key = APIKey(key: "devkey", secret: "secret")

  private func token(expires: Int64 = 1_000) -> AccessToken {
    var grant = AccessToken.Grant()
    grant.room = "room"
    grant.roomJoin = true
    return AccessToken(
      issuer: "devkey", subject: "me", name: "Salle Rivoli", attributes: ["room_role": nil], video: grant,
      notBefore: 0, expires: expires)
  }

  @Test("the example of RFC 7515 A.1 has the right signature")
  func followsTheRFC() throws {
    // Its key is binary, so only the encoding is compared here: header and claims of A.1.1.
    let claims = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"
    #expect(
      Base64URL.encode(claims.utf8)
        == "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ")
  }

  @Test("a token that another implementation signed is accepted")
  func acceptsOthers() throws {
    // Made with PyJWT 2: HS256, key "secret".
    let text =
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
      + ".eyJpc3MiOiJkZXZrZXkiLCJzdWIiOiJtZSIsImV4cCI6MTAwMCwidmlkZW8iOnsicm9vbSI6InJvb20iLCJyb29tSm9pbiI6dHJ1ZX19"
      + ".YQevqF41mL2v1KBjejxwKqGlGeeU9Kjnz6zGhvBb0DQ"
    let token = try AccessToken(verifying: text, with: key, now: 900)
    #expect(token.subject == "me")
    #expect(token.video?.room == "room")
  }

  @Test("what was signed is read back")
  func roundTrips() throws {
    let original = token()
    #expect(try AccessToken(verifying: original.sign(with: key), with: key, now: 500) == original)
  }

  @Test("a changed, foreign or expired token is refused for its own reason")
  func refuses() {
    let text = token().sign(with: key)
    #expect(throws: AccessToken.Refusal.wrongSignature) {
      try AccessToken(verifying: text, with: APIKey(key: "devkey", secret: "other"), now: 500)
    }
    #expect(throws: AccessToken.Refusal.unknownKey) {
      try AccessToken(verifying: text, with: APIKey(key: "other", secret: "secret"), now: 500)
    }
    #expect(throws: AccessToken.Refusal.expired) { try AccessToken(verifying: text, with: key, now: 1_061) }
    #expect(throws: AccessToken.Refusal.expired) { try AccessToken(verifying: text, with: key, now: -61) }
    for nonsense in ["", "a.b", "a.b.c", "..", text + "x", String(repeating: "a", count: 20_000)] {
      #expect(throws: AccessToken.Refusal.self) { try AccessToken(verifying: nonsense, with: key, now: 500) }
    }
  }
}
