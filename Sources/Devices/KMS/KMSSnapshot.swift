import Video

extension KMSScreen {
  /// Writes what is really scanned out to a PNG file, which appears when it is whole.
  /// - Throws: `KMSError` when it can't be got, `MediaFileError` when the file can't be written.
  public func writeSnapshot(to path: String) throws {
    try screenshot().writePNG(to: path)
  }
}
