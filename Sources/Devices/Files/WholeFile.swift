/// Files that others read while they are written.
public enum WholeFile {
  /// Writes `bytes` to `path`, where the file is there as a whole or stays as it was.
  public static func write(_ bytes: [UInt8], to path: String) throws(MediaFileError) {
    try AtomicFile.write(bytes, to: path)
  }
}
