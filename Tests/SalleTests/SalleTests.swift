import Testing

/// How a stay in a meeting ends, seen from inside the process and from outside of it.
///
/// One test after the other: they count what the process holds, and one that runs beside would be counted too.
@Suite("Salle", .serialized, .timeLimit(.minutes(2)))
enum SalleTests {}
