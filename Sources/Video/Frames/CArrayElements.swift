/// Writes `value` at `index` of a C array, which Swift sees as a tuple of elements of one type.
func setElement<Tuple, Element>(_ array: inout Tuple, _ index: Int, _ value: Element) {
  withUnsafeMutableBytes(of: &array) { bytes in
    precondition(MemoryLayout<Element>.stride * (index + 1) <= bytes.count)
    bytes.storeBytes(of: value, toByteOffset: MemoryLayout<Element>.stride * index, as: Element.self)
  }
}

/// Reads the element at `index` of a C array.
func element<Tuple, Element>(_ array: Tuple, _ index: Int, as type: Element.Type) -> Element {
  withUnsafeBytes(of: array) { bytes in
    precondition(MemoryLayout<Element>.stride * (index + 1) <= bytes.count)
    return bytes.loadUnaligned(fromByteOffset: MemoryLayout<Element>.stride * index, as: Element.self)
  }
}
