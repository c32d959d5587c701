import HTTPExchange
import Synchronization

@testable import Visio

/// Answers requests from a list, the last of which repeats, and keeps what was asked.
final class ScriptedTransport: HTTPTransport {
  typealias Answer = Result<HTTPResponse, HTTPTransportError>

  private let state: Mutex<(answers: [Answer], requests: [HTTPRequest])>

  init(_ answers: Answer...) {
    state = Mutex((answers, []))
  }

  init(_ answers: [Answer]) {
    state = Mutex((answers, []))
  }

  var requests: [HTTPRequest] { state.withLock { $0.requests } }

  func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    let answer: Answer = state.withLock { state in
      state.requests.append(request)
      return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
    }
    return try answer.get()
  }
}

extension Result where Success == HTTPResponse, Failure == HTTPTransportError {
  static func json(_ body: String, status: Int = 200, headers: [HTTPField] = []) -> Self {
    .success(
      HTTPResponse(
        status: status, headers: [HTTPField("content-type", "application/json")] + headers, body: Array(body.utf8)))
  }

  static func html(_ status: Int) -> Self {
    .success(
      HTTPResponse(
        status: status, headers: [HTTPField("Content-Type", "text/html; charset=utf-8")],
        body: Array("<!doctype html><title>x</title>".utf8)))
  }

  static func redirect(_ location: String, status: Int = 301) -> Self {
    .success(HTTPResponse(status: status, headers: [HTTPField("Location", location)]))
  }
}

/// Answers in the form that the API gives them.
enum Answers {
  static let configuration = #"""
    {"LANGUAGE_CODE":"fr-fr","livekit":{"url":"https://lk.example/","force_wss_protocol":false,
    "enable_firefox_proxy_workaround":false,"default_sources":["camera","microphone","screen_share"]},
    "resource":{"default_access_level":"public"},"telephony":{"enabled":true,"default_country":"FR",
    "international_phone_number":"+33 1 00 00 00 00"},"recording":{"is_enabled":true,"available_modes":[]},
    "subtitle":{"enabled":false},"diagnostics":{"connection_test_enabled":true},"max_participants_for_sound":5,
    "auto_mute_on_join_threshold":50,"idle_disconnect_warning_delay":null,"analytics":{},"later":[1,{"x":null}]}
    """#
  static let liveKit = #"{"url":"https://lk.example/","room":"4f2504e0-4f89-41d3-9a0c-0305e82c3301","token":"a.b.c"}"#
  static let publicRoom = #"""
    {"id":"4f2504e0-4f89-41d3-9a0c-0305e82c3301","name":"abc-defg-hij","slug":"abc-defg-hij","access_level":"public",
    "configuration":{"can_publish_sources":["microphone"],"everyone_can_mute":false},"pin_code":"0123456789",
    "livekit":\#(liveKit)}
    """#
  static let restrictedRoom = #"""
    {"id":"4f2504e0-4f89-41d3-9a0c-0305e82c3301","name":"x","slug":"abc-defg-hij","access_level":"restricted",
    "configuration":{}}
    """#
  static let unregisteredRoom = #"""
    {"id":null,"slug":"abc-defg-hij","is_administrable":false,"access_level":"public",
    "livekit":{"url":"https://lk.example/","room":"abc-defg-hij","token":"a.b.c"}}
    """#
  static let place = "8b1f0d4e-6a53-4c1f-9d27-0f5f7a6a2b11"
  static func entry(_ status: String, liveKit: String = "null") -> String {
    #"{"id":"\#(place)","username":"Salle","color":"hsl(1, 50%, 40%)","status":"\#(status)","livekit":\#(liveKit)}"#
  }
}
