import Catalogue
import Realtime
import Testing

@testable import Control

@Suite("REST face")
struct RESTFaceTests {
  private let face = RESTFace(language: .english, version: "1.0")
  private let center = ControlCenter(authenticator: { _, _ in nil }, clock: { Instant(nanoseconds: 0) })

  private func ask(
    _ method: String, _ target: String, _ body: String? = nil, role: ControlRole = .admin, ifMatch: String? = nil,
    ifNoneMatch: String? = nil
  ) async -> (status: Int, body: String, tag: String?) {
    let request = RESTRequest(
      method: method, target: target, contentType: body == nil ? nil : "application/json; charset=utf-8",
      ifMatch: ifMatch, ifNoneMatch: ifNoneMatch, body: Array((body ?? "").utf8))
    let response = await face.respond(to: request, role: role, in: center)
    let tag = response.headers.first { $0.name == "ETag" }?.value
    return (response.status, String(decoding: response.body, as: UTF8.self), tag)
  }

  @Test("every setting and state, and every command, is where the OpenAPI document says")
  func everyNode() async throws {
    let document = OpenAPIDocument.value(language: .english, version: "1.0")
    for node in ControlTree.room.nodes where node.document != .event {
      #expect(document["paths"]?[OpenAPIDocument.path(of: node)] != nil)
      let items = node.path.components.map { $0.isList ? "\($0.name)/1" : $0.name }.joined(separator: "/")
      let path = "/api/\(node.document.rawValue.lowercased())/\(items)"
      switch node.kind {
      case .setting(let space, let standard, _):
        let got = await ask("GET", path)
        #expect(got.status == 200 && got.body == standard.json.compact, "\(path)")
        #expect(await ask("PUT", path, standard.json.compact).status == 204)
        #expect(await ask("PUT", path, "true").status == 422)
        #expect(await ask("POST", path, "true").status == 405)
        if case .integer = space { #expect(await ask("PUT", path, "\"1\"").status == 422) }
      case .state(_, let initially):
        let got = await ask("GET", path)
        #expect(got.status == (initially == nil ? 404 : 200), "\(path)")
        if let initially { #expect(got.body == initially.json.compact) }
        #expect(await ask("PUT", path, "1").status == 405)
      case .command:
        #expect(await ask("GET", path).status == 405)
        #expect(await ask("POST", path, "{\"No\": 1}").status == 422)
        let isEasy = !node.takesBody && !node.fields.contains { $0.isRequired }
        #expect(await ask("POST", path, "{}").status == (isEasy ? 503 : 422), "\(path)")
      case .event: break
      }
    }
  }

  @Test("tags tell whether something has changed")
  func tags() async throws {
    let path = "/api/configuration/Audio/DefaultVolume"
    let first = await ask("GET", path)
    let tag = try #require(first.tag)
    #expect(await ask("GET", path, ifNoneMatch: "\"x\", \(tag)").status == 304)
    #expect(await ask("GET", path, ifNoneMatch: "\"x\"").status == 200)
    #expect(await ask("PUT", path, "20", ifMatch: "\"x\"").status == 412)
    let put = await ask("PUT", path, "20", ifMatch: tag)
    #expect(put.status == 204 && put.tag != tag)
    #expect(await ask("PUT", path, "30", ifMatch: tag).status == 412)
    let second = await ask("GET", path, ifNoneMatch: tag)
    #expect(second.status == 200 && second.body == "20" && second.tag == put.tag)
    #expect(await ask("GET", "/api/openapi.json", ifNoneMatch: ask("GET", "/api/openapi.json").tag).status == 304)
  }

  @Test("values come alone, in groups and as lists")
  func groups() async throws {
    let call = [ControlPath.Component("Call", item: 7)]
    try await center.update([
      (ControlPath(call + [.init("Status")]), .literal("Connected")),
      (ControlPath(call + [.init("Duration")]), .integer(3)),
    ])
    #expect(await ask("GET", "/api/status/Call/7/Duration").body == "3")
    #expect(await ask("GET", "/api/status/call/7").body.contains("\"Status\":\"Connected\""))
    #expect(await ask("GET", "/api/status/Call").body.hasPrefix("[{\"id\":\"7\","))
    #expect(await ask("GET", "/api/status/Call/8").status == 404)
    #expect(await ask("GET", "/api/status/Audio").body.contains("\"Volume\":50"))
    #expect(await ask("GET", "/api/status").body.contains("\"Call\":[{\"id\":\"7\""))
    #expect(await ask("HEAD", "/api/status").status == 200)
    for path in [
      "/api/status/Nothing", "/api/status/5", "/api/status/Audio/Volume/1", "/", "/api", "/api/%zz", "/api/%ff",
    ] {
      #expect(await ask("GET", path).status == 404, "\(path)")
    }
  }

  @Test("commands take what their schema says, and answer what handlers do")
  func commands() async throws {
    try await center.handle("Dial") { call throws(ControlError) in
      guard call.text("Number") == "abc-defg-hij" else { throw .failed(reason: "Not so") }
      return [ControlLeaf(ControlPath([.init("CallId")]), .integer(7))]
    }
    try await center.handle("Audio Volume Mute") { _ in [] }
    let dialled = await ask("POST", "/api/command/Dial", "{\"Number\": \"abc-defg-hij\"}")
    #expect(dialled.status == 200 && dialled.body == "{\"CallId\":7}")
    let failed = await ask("POST", "/api/command/Dial", "{\"Number\": \"x\"}")
    #expect(failed.status == 409 && failed.body.contains("\"title\":\"Not so\""))
    #expect(await ask("POST", "/api/command/Audio/Volume/Mute").status == 204)
    #expect(await ask("POST", "/api/command/Audio/Volume/Set", "{\"Level\": \"5\"}").status == 422)
    let missing = await ask("POST", "/api/command/Audio/Volume/Set", "{}")
    #expect(missing.body.contains("\"parameters\":{\"Level\":\"Missing value\"}"))
    #expect(await ask("POST", "/api/command/Audio/Volume/Set", "{").status == 400)
    #expect(await ask("POST", "/api/command/Audio/Volume/Set", "[]").status == 422)
    #expect(await ask("POST", "/api/command/Bookings/Put", "{\"body\": \"[]\"}", role: .user).status == 403)
    #expect(await ask("PUT", "/api/configuration/Audio/DefaultVolume", "5", role: .user).status == 403)
    #expect(await ask("POST", "/api/command/Nothing", "{}").status == 404)
    let plain = RESTRequest(
      method: "POST", target: "/api/command/Audio/Volume/Mute", contentType: "text/plain", body: Array("{}".utf8))
    #expect(await face.respond(to: plain, role: .admin, in: center).status == 415)
  }

  @Test("XML documents are those of the terminal")
  func xml() async throws {
    let volume = await ask("GET", "/getxml?location=/Status/Audio/Volume")
    #expect(volume.status == 200 && volume.body.contains("<Volume>50</Volume>"))
    #expect(await ask("GET", "/getxml?location=%2FStatus%2FAudio%2FVolume").body == volume.body)
    #expect(await ask("GET", "/status.xml").body.contains("<Volume>50</Volume>"))
    #expect(await ask("GET", "/configuration.xml").body.contains("<DefaultVolume>50</DefaultVolume>"))
    #expect(await ask("GET", "/getxml").status == 400)
    #expect(await ask("GET", "/getxml?location=/Nothing").status == 404)
    #expect(await ask("GET", "/getxml?location=/Command").status == 404)
  }

  @Test("a stream of events begins with how things stand")
  func events() throws {
    let session = try EventStreamSession(
      expressions: ["/Status/Audio/Volume", "/Event/Bookings"], role: .user)
    var harness = ControlHarness(session)
    try harness.update("Audio Volume", .integer(7))
    try harness.update("Audio VolumeMute", .literal("On"))
    try harness.raise("Bookings Updated", [])
    let texts = harness.sent.map { String(decoding: $0, as: UTF8.self) }
    #expect(
      texts == [
        "event: snapshot\ndata: {\"Status\":{\"Audio\":{\"Volume\":50}}}\n\n",
        "event: change\ndata: {\"Status\":{\"Audio\":{\"Volume\":7}}}\n\n",
        "event: event\ndata: {\"Event\":{\"Bookings\":{\"Updated\":{}}}}\n\n",
      ])
    harness.sent = []
    harness.wait(.seconds(10))
    #expect(harness.sent == [Array(": \n\n".utf8)])
    #expect(throws: ControlError.self) { try EventStreamSession(expressions: ["/Nothing"], role: .user) }
    let many = Array(repeating: "/Status", count: 51)
    #expect(throws: ControlError.tooManySubscriptions) { try EventStreamSession(expressions: many, role: .user) }
  }
}
