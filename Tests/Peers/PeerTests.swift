import Testing

/// Calls with programs that nobody here wrote. One after another: each wants the machine for itself, since what is
/// measured is time.
@Suite("Peers", .serialized)
enum PeerTests {}
