/// The `Retry-After` header field (RFC 9110 §10.2.3).
enum RetryAfter {
  /// The longest wait that is believed: a broken clock at the other end must not stop the room for a day.
  static let maximum = Duration.seconds(3_600)

  /// The wait that `value` asks for: a number of seconds, or a date, which is compared with the same answer's `date`
  /// so that no clock of ours matters. Nil when it can't be read.
  static func duration(_ value: String, date: String?) -> Duration? {
    if !value.isEmpty, value.utf8.count <= 18, value.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
      let seconds = Int64(value)
    {
      return min(.seconds(seconds), maximum)
    }
    guard let then = seconds(ofDate: value), let now = date.flatMap(seconds(ofDate:)) else { return nil }
    return min(.seconds(max(then - now, 0)), maximum)
  }

  /// Seconds since 1970 of an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7), the only form that
  /// senders may write.
  static func seconds(ofDate text: String) -> Int64? {
    let fields = text.split(separator: " ")
    guard fields.count == 6, fields[5] == "GMT", let day = number(fields[1], in: 1...31),
      let month = months.firstIndex(where: { $0 == fields[2] }), let year = number(fields[3], in: 1970...9999)
    else { return nil }
    let clock = fields[4].split(separator: ":")
    guard clock.count == 3, let hour = number(clock[0], in: 0...23), let minute = number(clock[1], in: 0...59),
      let second = number(clock[2], in: 0...60)
    else { return nil }
    return days(year: year, month: Int64(month) + 1, day: day) * 86_400 + hour * 3_600 + minute * 60 + second
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  private static func number(_ text: Substring, in range: ClosedRange<Int64>) -> Int64? {
    guard let number = Int64(text), range.contains(number) else { return nil }
    return number
  }

  /// Days from 1970-01-01 in the Gregorian calendar, with years counted from March so that a leap day ends its year.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shiftedYear = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear % 400
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
