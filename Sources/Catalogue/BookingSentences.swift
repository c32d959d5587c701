/// What is said of the meetings for which the room is booked.
public enum BookingSentences {
  /// In place of a private meeting's title.
  public static let reserved = Sentence(french: "Réservé", english: "Reserved")
}
