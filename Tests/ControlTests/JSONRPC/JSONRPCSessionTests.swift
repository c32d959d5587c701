import Catalogue
import Realtime
import Testing

@testable import Control

/// The messages are those that the public Python client (`xows`) and the JavaScript one (`jsxapi`) send.
@Suite("JSON-RPC sessions")
struct JSONRPCSessionTests {
  private var peer = JSONRPCHarness()

  /// A request as the Python client writes it.
  private func request(_ method: String, _ parameters: String = "{}", id: Int = 1) -> String {
    #"{"jsonrpc": "2.0", "method": "\#(method)", "id": \#(id), "params": \#(parameters)}"#
  }

  private func result(_ text: String, id: Int = 1) -> [String] { [#"{"jsonrpc":"2.0","id":\#(id),"result":\#(text)}"#] }
  private func error(_ text: String, id: Int = 1) -> [String] { [#"{"jsonrpc":"2.0","id":\#(id),"error":\#(text)}"#] }

  @Test("xGet gives values, objects and lists")
  mutating func get() throws {
    #expect(peer.exchange(request("xGet", #"{"Path": ["Status", "Audio", "Volume"]}"#)) == result("50"))
    #expect(
      peer.exchange(request("xGet", #"{"Path": ["Status", "Audio"]}"#))
        == result(#"{"Volume":50,"VolumeMute":"Off","Microphones":{"Mute":"Off"}}"#))
    #expect(
      peer.exchange(request("xGet", #"{"Path": ["Configuration", "SystemUnit", "Name"]}"#)) == result(#""Salle""#))
    #expect(peer.exchange(request("xGet", #"{"Path": ["Status", "Call"]}"#)) == result("null"))
    try peer.update("Call 3 Status", .literal("Connected"))
    try peer.update("Call 27 Duration", .integer(5))
    #expect(
      peer.exchange(request("xGet", #"{"Path": ["status", "call"]}"#))
        == result(#"[{"id":"3","Status":"Connected"},{"id":"27","Duration":5}]"#))
    #expect(peer.exchange(request("xGet", #"{"Path": ["Status", "Call", 27, "Duration"]}"#)) == result("5"))
    #expect(
      peer.exchange(request("xGet", #"{"Path": ["Status", "Call", "27"]}"#)) == result(#"{"id":"27","Duration":5}"#))
    #expect(peer.exchange(request("xGet", #"{"Path": ["Status", "Call", 4]}"#)) == result("null"))
  }

  @Test("xQuery gives the document from its top, with wildcards")
  mutating func query() throws {
    try peer.update("Call 3 DisplayName", .string("Réunion"))
    #expect(
      peer.exchange(request("xQuery", #"{"Query": ["Status", "**", "DisplayName"]}"#))
        == result(
          #"{"Status":{"Call":[{"id":"3","DisplayName":"Réunion"}],"SystemUnit":{"Software":{"DisplayName":""}}}}"#))
    #expect(peer.exchange(request("xQuery", #"{"Query": ["Status", "Diagnostics"]}"#)) == result("{}"))
  }

  @Test("xSet sets, or says what is wrong")
  mutating func set() {
    #expect(
      peer.exchange(request("xSet", #"{"Path": ["Configuration", "Audio", "DefaultVolume"], "Value": 70}"#))
        == result("true"))
    #expect(
      peer.exchange(
        request("xSet", #"{"Path": ["Configuration", "Video", "Input", "Connector", 2, "Name"], "Value": "A"}"#))
        == result("true"))
    #expect(
      peer.exchange(request("xSet", #"{"Path": ["Configuration", "Audio", "DefaultVolume"], "Value": "asdf"}"#))
        == error(#"{"code":2,"message":"Illegal value"}"#))
    #expect(
      peer.exchange(request("xSet", #"{"Path": ["Configuration", "Foo"], "Value": 1}"#))
        == error(#"{"code":3,"message":"No match on address expression","data":{"xpath":"Configuration/Foo"}}"#))
    for path in [#"["Status", "Audio", "Volume"]"#, "[]", #"["Configuration"]"#, #"["Configuration", 1]"#] {
      #expect(peer.exchange(request("xSet", "{\"Path\": \(path), \"Value\": 1}")).first?.contains("\"code\":3") == true)
    }
  }

  @Test("commands, with what they answer")
  mutating func commands() {
    peer.answers["Dial"] = .success([ControlLeaf(ControlPath([.init("CallId")]), .integer(2))])
    #expect(
      peer.exchange(request("xCommand/Dial", #"{"Number": "abc-defg-hij", "Protocol": "Spark"}"#, id: 111))
        == result(#"{"status":"OK","CallId":2}"#, id: 111))
    #expect(peer.exchange(request("xCommand/Audio/Volume/Set", #"{"Level": "60"}"#)) == result(#"{"status":"OK"}"#))
    #expect(
      peer.exchange(request("xCommand/Dila"))
        == error(#"{"code":3,"message":"Unknown command","data":{"xpath":"/Dila"}}"#))
    #expect(
      peer.exchange(request("xCommand/Dial"))
        == error(#"{"code":4,"message":"Invalid or missing parameters","data":{"Number":"Missing value"}}"#))
    peer.answers["Dial"] = .failure(.failed(reason: "No such meeting"))
    #expect(
      peer.exchange(request("xCommand/Dial", #"{"Number": "x"}"#)) == error(#"{"code":1,"message":"No such meeting"}"#))
    #expect(peer.exchange(request("xCommand/Bookings/Put", #"{"body": "[]\n"}"#)) == result(#"{"status":"OK"}"#))
    #expect(peer.calls.last?.body == "[]\n")
    for parameters in [#"{"Number": {}}"#, #"{"Number": ["a", "b"]}"#, #"{"Number": null}"#] {
      #expect(peer.exchange(request("xCommand/Dial", parameters)).first?.contains("\"code\":4") == true)
    }
    #expect(
      peer.exchange(#"{"jsonrpc":"2.0","method":"xCommand/Standby/Activate","id":"7"}"#)
        == [#"{"jsonrpc":"2.0","id":"7","result":{"status":"OK"}}"#])
  }

  @Test("a subscription's answer, its first values, then what changes; each subscription for itself")
  mutating func feedback() throws {
    let first = peer.exchange(
      request("xFeedback/Subscribe", #"{"Query": ["Status", "Audio"], "NotifyCurrentValue": true}"#))
    #expect(first == result(#"{"Id":1}"#))
    #expect(
      peer.exchange(request("xFeedback/Subscribe", #"{"Query": ["Status", "**", "Volume"]}"#)) == result(#"{"Id":2}"#))
    peer.wait(.milliseconds(49))
    #expect(peer.read().isEmpty)
    peer.wait(.milliseconds(1))
    func event(_ text: String) -> String { #"{"jsonrpc":"2.0","method":"xFeedback/Event","params":\#(text)}"# }
    #expect(
      peer.read() == [
        event(#"{"Id":1,"Status":{"Audio":{"Volume":50,"VolumeMute":"Off","Microphones":{"Mute":"Off"}}}}"#)
      ])
    try peer.update("Audio Volume", .integer(75))
    #expect(
      peer.read() == [
        event(#"{"Id":1,"Status":{"Audio":{"Volume":75}}}"#), event(#"{"Id":2,"Status":{"Audio":{"Volume":75}}}"#),
      ])
    #expect(peer.exchange(request("xFeedback/Unsubscribe", #"{"Id": 1}"#)) == result("true"))
    #expect(peer.exchange(request("xFeedback/Unsubscribe", #"{"Id": 1}"#)).first?.contains("-32602") == true)
    try peer.update("Audio Volume", .integer(76))
    #expect(peer.read().count == 1)
    _ = peer.exchange(request("xFeedback/Subscribe", #"{"Query": ["Event", "CallDisconnect"]}"#))
    _ = peer.exchange(request("xFeedback/Subscribe", #"{"Query": ["Status", "Call"]}"#))
    try peer.update("Call 2 Status", .literal("Connected"))
    peer.feed(.changed(peer.store.remove(try #require(ControlPath("Call 2")))))
    #expect(
      peer.read() == [
        event(#"{"Id":4,"Status":{"Call":[{"id":"2","Status":"Connected"}]}}"#),
        event(#"{"Id":4,"Status":{"Call":[{"id":"2","ghost":"True"}]}}"#),
      ])
    peer.feed(.changed(try peer.store.event("Bookings Updated", [])))
    #expect(peer.read().isEmpty)
    _ = peer.exchange(request("xFeedback/Subscribe", #"{"Query": ["Event", "Bookings"]}"#))
    peer.feed(.changed(try peer.store.event("Bookings Updated", [])))
    #expect(peer.read() == [event(#"{"Id":5,"Event":{"Bookings":{"Updated":{}}}}"#)])
  }

  @Test("subscriptions are limited, and only to what there is for the role")
  mutating func subscriptionLimits() {
    for path in [#"["Status", "Nothing"]"#, #"["**"]"#, #"["Command"]"#] {
      #expect(
        peer.exchange(request("xFeedback/Subscribe", "{\"Query\": \(path)}")).first?.contains("\"code\":3") == true)
    }
    for _ in 0..<50 { _ = peer.exchange(request("xFeedback/Subscribe", #"{"Query": ["Status"]}"#)) }
    #expect(
      peer.exchange(request("xFeedback/Subscribe", #"{"Query": ["Status"]}"#))
        == error(#"{"code":-31998,"message":"Subscription limit reached"}"#))
    var user = JSONRPCHarness(role: .user)
    #expect(
      user.exchange(request("xSet", #"{"Path": ["Configuration", "SystemUnit", "Name"], "Value": "x"}"#))
        == error(#"{"code":-31999,"message":"Permission denied"}"#))
    #expect(
      user.exchange(request("xFeedback/Subscribe", #"{"Query": ["Status", "Diagnostics"]}"#)).first?.contains(
        "\"code\":3") == true)
  }

  @Test("xDoc tells the schema")
  mutating func schema() throws {
    #expect(
      peer.exchange(request("xDoc", #"{"Path": ["Status", "Audio", "Volume"], "Type": "Schema"}"#))
        == result(
          #"{"access":"public-api","description":"The volume, in per cent.","role":"User;Integrator;Admin","#
            + #""ValueSpace":{"type":"Integer","Min":"0","Max":"100"}}"#))
    for document in ["Command", "Configuration", "Status", "Event"] {
      let text = try #require(peer.exchange(request("xDoc", "{\"Path\": [\"\(document)\"]}")).first)
      let value = try JSONReader.value(of: Array(text.utf8))
      for index in ControlTree.room.indices(of: try #require(ControlDocument(name: document))) {
        let node = ControlTree.room.nodes[index]
        let leaf = node.path.components.reduce(value["result"]) { value, component in
          component.isList ? value?[component.name]?.array?.first : value?[component.name]
        }
        #expect(leaf?["description"]?.string == node.text.english, "\(node.path)")
        for field in node.fields { #expect(leaf?[field.path.name]?["ValueSpace"] != nil) }
      }
    }
    #expect(peer.exchange(request("xDoc", #"{"Path": ["Status", "Nothing"]}"#)).first?.contains("\"code\":3") == true)
  }

  @Test("what isn't a request is told so, as JSON-RPC 2.0 has it")
  mutating func wrongRequests() {
    let failures: [(String, String)] = [
      ("{", #"{"code":-32700,"message":"Parse error"}"#), ("[]", #"{"code":-32600,"message":"Invalid request"}"#),
      ("1", #"{"code":-32600,"message":"Invalid request"}"#),
      (#"{"jsonrpc":"2.0","method":1}"#, #"{"code":-32600,"message":"Invalid request"}"#),
      (#"{"jsonrpc":"1.0","method":"xGet"}"#, #"{"code":-32600,"message":"Invalid request"}"#),
      (#"{"jsonrpc":"2.0","method":"xGet","id":[]}"#, #"{"code":-32600,"message":"Invalid request"}"#),
    ]
    for (text, failure) in failures {
      #expect(peer.exchange(text) == [#"{"jsonrpc":"2.0","id":null,"error":\#(failure)}"#], "\(text)")
    }
    #expect(peer.exchange(request("xGett")) == error(#"{"code":-32601,"message":"Method not found"}"#))
    for (method, parameters) in [
      ("xGet", "{}"), ("xGet", #"{"Path": "Status"}"#), ("xGet", #"{"Path": [true]}"#), ("xGet", "[1]"),
      ("xSet", #"{"Path": ["Configuration"], "Value": []}"#), ("xFeedback/Unsubscribe", "{}"),
    ] {
      #expect(peer.exchange(request(method, parameters)) == error(#"{"code":-32602,"message":"Invalid params"}"#))
    }
    // Notifications aren't answered, but done.
    #expect(peer.exchange(#"{"jsonrpc":"2.0","method":"xCommand/Standby/Activate"}"#).isEmpty)
    #expect(peer.calls.count == 1)
    #expect(peer.exchange(#"{"jsonrpc":"2.0","method":"xCommand/Nothing"}"#).isEmpty)
  }

  @Test("a thousand requests are all answered, in order")
  mutating func thousand() {
    for id in 1...1_000 {
      #expect(
        peer.exchange(request("xCommand/Audio/Volume/Set", "{\"Level\": \(id % 101)}", id: id))
          == result(#"{"status":"OK"}"#, id: id))
    }
    #expect(peer.calls.map { $0.integer("Level") } == (1...1_000).map { $0 % 101 })
  }

  @Test("what waits is bounded, and what isn't answered is given up")
  mutating func waiting() {
    peer.holdsCommands = true
    #expect(peer.exchange(request("xCommand/Standby/Activate")).isEmpty)
    #expect(peer.exchange(request("xGet", #"{"Path": ["Status", "Audio", "Volume"]}"#, id: 2)).isEmpty)
    peer.wait(.seconds(10))
    #expect(peer.read() == error(#"{"code":1,"message":"Timed out"}"#) + result("50", id: 2))
    _ = peer.exchange(request("xCommand/Standby/Activate"))
    let large = [UInt8](repeating: UInt8(ascii: " "), count: 65_536)
    for _ in 0..<4 { peer.feed(.received(large)) }
    #expect(!peer.session.isReadable)
    for _ in 0..<12 { peer.feed(.received(large)) }
    #expect(!peer.isClosed)
    peer.feed(.received(large))
    #expect(peer.isClosed)
    #expect(peer.exchange(request("xGet")).isEmpty)
    var other = JSONRPCHarness()
    other.feed(.received([UInt8](repeating: 0x20, count: JSONRPCSession.maximumMessageLength + 1)))
    #expect(other.isClosed)
  }

  @Test("random messages harm nothing, and every answer is JSON", arguments: 1...6)
  func garbage(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    var peer = JSONRPCHarness(role: seed % 2 == 0 ? .admin : .user)
    let methods = [
      "xGet", "xSet", "xQuery", "xDoc", "xFeedback/Subscribe", "xFeedback/Unsubscribe", "xCommand/Dial", "x",
    ]
    let values = [
      #"["Status"]"#, #"["Status","Call",1]"#, #"["Configuration","**"]"#, "1", "\"On\"", "null", "{}", "[[]]", "true",
      #"["Event","**","**"]"#,
    ]
    for _ in 0..<1_500 {
      let parameters = ["Path", "Query", "Value", "Id", "Number", "body", "NotifyCurrentValue"].filter { _ in
        Bool.random(using: &random)
      }.map { "\"\($0)\":\(values.randomElement(using: &random) ?? "")" }.joined(separator: ",")
      var bytes = Array(request(methods.randomElement(using: &random) ?? "", "{\(parameters)}").utf8)
      if Int.random(in: 0..<4, using: &random) == 0 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
      }
      peer.feed(.received(bytes))
      if Int.random(in: 0..<20, using: &random) == 0 {
        try peer.update("Call 1 Duration", .integer(.random(in: 0...9, using: &random)))
        peer.wait(.milliseconds(30))
      }
      for text in peer.read() { _ = try JSONReader.value(of: Array(text.utf8)) }
    }
    let last = peer.exchange(request("xGet", #"{"Path": ["Status", "Audio", "Volume"]}"#, id: 99))
    #expect(last == result("50", id: 99))
  }

  @Test("name and password from both headers")
  func credentials() throws {
    let header = try #require(ControlCredentials(authorization: "Basic YWRtaW46c2VjcmV0OjE="))
    #expect(header.name == "admin" && header.password == "secret:1")
    let found = try #require(ControlCredentials.find(inSubprotocols: "chat, auth-YWRtaW46w7_Dvj4"))
    #expect(found.credentials.name == "admin" && found.credentials.password == "ÿþ>")
    #expect(found.subprotocol == "auth-YWRtaW46w7_Dvj4")
    #expect(ControlCredentials.find(inSubprotocols: "auth-YWRtaW46w78-")?.credentials.password == "ÿ>")
    for text in ["", "Basic", "Basic !", "Bearer YTpi", "Basic YWI=", "Basic /w=="] {
      #expect(ControlCredentials(authorization: text) == nil, "\(text)")
    }
    for text in ["", "auth-", "auth-!", "YWRtaW46eA", "auth-YWI"] {
      #expect(ControlCredentials.find(inSubprotocols: text) == nil, "\(text)")
    }
  }
}
