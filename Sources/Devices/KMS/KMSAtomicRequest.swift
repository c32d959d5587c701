import CDRM

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A list of property changes that the kernel makes all together or not at all (`DRM_IOCTL_MODE_ATOMIC`).
///
/// Keeps its memory, so that a request for each picture allocates nothing.
struct KMSAtomicRequest {
  private(set) var objects: ContiguousArray<UInt32> = []
  private(set) var counts: ContiguousArray<UInt32> = []
  private(set) var properties: ContiguousArray<UInt32> = []
  private(set) var values: ContiguousArray<UInt64> = []

  init() {
    objects.reserveCapacity(8)
    counts.reserveCapacity(8)
    properties.reserveCapacity(32)
    values.reserveCapacity(32)
  }

  var isEmpty: Bool { objects.isEmpty }

  mutating func removeAll() {
    objects.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
    properties.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  /// Adds a change, in place of an earlier one of the same property. The kernel wants the changes of an object together.
  mutating func set(_ object: UInt32, _ property: UInt32, _ value: UInt64) {
    var end = properties.count
    var index = objects.count - 1
    while index >= 0 && objects[index] != object {
      end -= Int(counts[index])
      index -= 1
    }
    if index < 0 {
      objects.append(object)
      counts.append(1)
      end = properties.count
    } else {
      for place in end - Int(counts[index])..<end where properties[place] == property {
        values[place] = value
        return
      }
      counts[index] += 1
    }
    properties.insert(property, at: end)
    values.insert(value, at: end)
  }

  /// Adds a change of a property known by name, if the object has it.
  mutating func set(_ properties: KMSProperties, _ name: String, _ value: UInt64) {
    if let property = properties[name] { set(properties.object, property.id, value) }
  }

  /// Hands the request to the kernel.
  /// - Parameters:
  ///   - flags: `DRM_MODE_ATOMIC_…` and `DRM_MODE_PAGE_FLIP_EVENT`.
  ///   - token: comes back with the page-flip event.
  /// - Returns: 0, or the error number.
  func commit(_ descriptor: Int32, flags: UInt32, token: UInt64 = 0) -> Int32 {
    objects.withUnsafeBufferPointer { objects in
      counts.withUnsafeBufferPointer { counts in
        properties.withUnsafeBufferPointer { properties in
          values.withUnsafeBufferPointer { values in
            var request = drm_mode_atomic()
            request.flags = flags
            request.count_objs = UInt32(objects.count)
            request.objs_ptr = address(objects.baseAddress)
            request.count_props_ptr = address(counts.baseAddress)
            request.props_ptr = address(properties.baseAddress)
            request.prop_values_ptr = address(values.baseAddress)
            request.user_data = token
            return salle_drm_atomic(descriptor, &request) == 0 ? 0 : errno
          }
        }
      }
    }
  }

  private func address<Element>(_ pointer: UnsafePointer<Element>?) -> UInt64 {
    UInt64(UInt(bitPattern: pointer))
  }
}
