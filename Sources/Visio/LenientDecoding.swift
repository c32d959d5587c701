extension KeyedDecodingContainer {
  /// The value of `key`, or nil when it is absent, null or of another type: releases add, drop and change fields, and
  /// one that matters little must not cost the meeting.
  func lenient<Value: Decodable>(_ key: Key, as type: Value.Type = Value.self) -> Value? {
    (try? decodeIfPresent(type, forKey: key)) ?? nil
  }
}
