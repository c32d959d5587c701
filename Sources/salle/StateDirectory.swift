import Appliance
import Glibc

/// Where a room keeps what lasts. One program has it at a time.
final class StateDirectory {
  /// Why it can't be used.
  struct Failure: Error, CustomStringConvertible {
    let path: String
    let number: Int32
    var description: String {
      number == EWOULDBLOCK ? "\(path): another program runs the room" : "\(path): \(String(cString: strerror(number)))"
    }
  }

  let path: String
  private let lock: Int32

  /// Makes the directory at `path` if it isn't there, and takes it until it is released.
  init(_ path: String) throws(Failure) {
    self.path = path
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure(path: path, number: errno) }
    let file = path + "/lock"
    lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw Failure(path: file, number: errno) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      close(lock)
      throw Failure(path: path, number: number)
    }
  }

  deinit { close(lock) }

  /// The file of what lasts.
  func storage() throws(RoomStorageError) -> RoomStorage { try RoomStorage(path: path + "/room.sqlite") }
}
