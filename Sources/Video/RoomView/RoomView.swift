/// What a room's screen shows while there is no meeting: texts, ready to be read.
public struct RoomView: Hashable, Sendable {
  /// A meeting for which the room is booked.
  public struct Meeting: Hashable, Sendable {
    /// When it is: "14:00 – 15:00".
    public var time: String
    /// What it is called.
    public var title: String
    /// Whether it is on.
    public var isCurrent: Bool

    /// A meeting.
    public init(time: String, title: String, isCurrent: Bool = false) {
      self.time = time
      self.title = title
      self.isCurrent = isCurrent
    }
  }

  /// How a panel or phone comes to control the room.
  public struct Invitation: Hashable, Sendable {
    /// What the QR code says; empty for none.
    public var link: String
    /// What is to be read and typed in, such as an address or a number.
    public var lines: [String]
    /// What is to be done.
    public var caption: String

    /// An invitation.
    public init(link: String, lines: [String], caption: String) {
      self.link = link
      self.lines = lines
      self.caption = caption
    }
  }

  /// The room's name.
  public var name = ""
  /// The time: "14:05".
  public var time = ""
  /// The date: "lundi 23 novembre".
  public var date = ""
  /// Whether the room is free, and until when.
  public var availability = ""
  /// Whether it is booked now.
  public var isBooked = false
  /// What stands above the meetings.
  public var meetingsTitle = ""
  /// The next meetings, the first four of which are shown.
  public var meetings: [Meeting] = []
  /// What stands in their place without any.
  public var noMeetings = ""
  /// How a meeting is joined.
  public var guidance = ""
  /// How to control the room; nil when nothing can.
  public var invitation: Invitation?
  /// What is wrong and what to do, the gravest first; three are shown.
  public var warnings: [String] = []
  /// What has just happened, such as the end of a meeting.
  public var notice: String?
  /// Counts the minutes: with each everything stands a little elsewhere, so that nothing burns into the display.
  public var minute = 0

  /// An empty view.
  public init() {}
}
