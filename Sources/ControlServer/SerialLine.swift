import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// How a serial line is run: 8 bits, one stop bit, no flow control.
struct SerialLine: Hashable, Sendable {
  var baudRate: Int
  var parity: SerialPortSettings.Parity

  /// The rates that there are, bits a second.
  private static let speeds: [Int: speed_t] = [
    9_600: speed_t(B9600), 19_200: speed_t(B19200), 38_400: speed_t(B38400), 57_600: speed_t(B57600),
    115_200: speed_t(B115200),
  ]

  /// Why a port can't be used.
  enum Failure: Error, Hashable, CustomStringConvertible {
    /// There is no such rate.
    case rate(Int)
    /// The system refused, with this error number.
    case system(String, CInt)

    var description: String {
      switch self {
      case .rate(let rate): "there is no rate of \(rate) bits a second"
      case .system(let call, let number): "\(call): \(String(cString: strerror(number)))"
      }
    }
  }

  /// Opens the port for this process alone.
  /// - Returns: its descriptor, which is the caller's.
  func open(_ path: String) throws(Failure) -> CInt {
    guard let speed = Self.speeds[baudRate] else { throw .rate(baudRate) }
    // It may not become the process's terminal, nor wait for a modem's carrier.
    let descriptor = openQuietly(path)
    guard descriptor >= 0 else { throw .system("open", errno) }
    do throws(Failure) {
      try configure(descriptor, speed)
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private func configure(_ descriptor: CInt, _ speed: speed_t) throws(Failure) {
    var modes = termios()
    guard tcgetattr(descriptor, &modes) == 0 else { throw .system("tcgetattr", errno) }
    guard ioctl(descriptor, UInt(TIOCEXCL)) == 0 else { throw .system("ioctl", errno) }
    cfmakeraw(&modes)
    modes.c_cflag &= ~tcflag_t(CSIZE | CSTOPB | PARENB | PARODD) & ~tcflag_t(CRTSCTS)
    modes.c_cflag |= tcflag_t(CS8 | CREAD | CLOCAL)
    // A break, and a byte with wrong parity, are read as a zero byte, at which a terminal gives its line up.
    modes.c_iflag &= ~tcflag_t(IGNBRK | BRKINT | IGNPAR | PARMRK | INPCK | IXON | IXOFF)
    if parity != .none {
      modes.c_iflag |= tcflag_t(INPCK)
      modes.c_cflag |= tcflag_t(PARENB)
      if parity == .odd { modes.c_cflag |= tcflag_t(PARODD) }
    }
    guard cfsetispeed(&modes, speed) == 0, cfsetospeed(&modes, speed) == 0 else { throw .system("cfsetspeed", errno) }
    guard tcsetattr(descriptor, TCSANOW, &modes) == 0 else { throw .system("tcsetattr", errno) }
    // It succeeds when it could do any of it.
    var actual = termios()
    guard tcgetattr(descriptor, &actual) == 0 else { throw .system("tcgetattr", errno) }
    guard cfgetospeed(&actual) == speed else { throw .rate(baudRate) }
    // What came before anybody listened is no command.
    tcflush(descriptor, TCIOFLUSH)
  }
}

private func openQuietly(_ path: String) -> CInt { open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) }
