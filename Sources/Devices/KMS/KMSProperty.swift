import CDRM

/// A property of a connector, CRTC or plane, by the name that the kernel's DRM documentation gives it.
struct KMSProperty {
  var id: UInt32
  var value: UInt64
  /// Names and values of an enumeration; empty for other kinds.
  var choices: [(name: String, value: UInt64)]
  /// The least and the largest value; nil for other kinds than numbers.
  var range: ClosedRange<UInt64>?
  /// Whether only the driver sets it.
  var isImmutable = false

  /// The value that `name` stands for.
  func value(of name: String) -> UInt64? {
    choices.first { $0.name == name }?.value
  }

  /// The name of the present value.
  var choice: String? {
    choices.first { $0.value == value }?.name
  }
}

/// The kinds of objects that have properties (`DRM_MODE_OBJECT_…`).
enum KMSObjectKind: UInt32 {
  case crtc = 0xcccc_cccc
  case connector = 0xc0c0_c0c0
  case plane = 0xeeee_eeee
}

/// The properties of one object as they were when read.
struct KMSProperties {
  let object: UInt32
  private let named: [String: KMSProperty]

  init(descriptor: Int32, object: UInt32, kind: KMSObjectKind) {
    self.object = object
    var named: [String: KMSProperty] = [:]
    if let list = drmModeObjectGetProperties(descriptor, object, kind.rawValue) {
      defer { drmModeFreeObjectProperties(list) }
      for index in 0..<Int(list.pointee.count_props) {
        guard let property = drmModeGetProperty(descriptor, list.pointee.props[index]) else { continue }
        defer { drmModeFreeProperty(property) }
        let choices = (0..<Int(property.pointee.count_enums)).map { choice in
          let entry = property.pointee.enums[choice]
          return (name: string(from: entry.name), value: UInt64(entry.value))
        }
        let flags = property.pointee.flags
        var range: ClosedRange<UInt64>?
        if flags & UInt32(DRM_MODE_PROP_RANGE) != 0, property.pointee.count_values == 2 {
          let (least, most) = (property.pointee.values[0], property.pointee.values[1])
          range = least <= most ? least...most : nil
        }
        named[string(from: property.pointee.name)] = KMSProperty(
          id: property.pointee.prop_id, value: list.pointee.prop_values[index], choices: choices, range: range,
          isImmutable: flags & UInt32(DRM_MODE_PROP_IMMUTABLE) != 0)
      }
    }
    self.named = named
  }

  subscript(name: String) -> KMSProperty? { named[name] }

  /// The present value of a property; 0 where there is none, as the kernel has it for most.
  func value(_ name: String) -> UInt64 { named[name]?.value ?? 0 }
}

/// The text in a C array of characters.
func string<Characters>(from characters: Characters) -> String {
  withUnsafeBytes(of: characters) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
