/// What is said of the meetings for which the room is booked.
public enum BookingLabels {
  /// In place of a private meeting's title.
  public static let reserved = Sentence(french: "Réservé", english: "Reserved")

  /// Every label here.
  public static let all = [reserved]
}
