@testable import salle

/// The statuses that the program exits with; the test library has a type of the same name.
typealias ProgramStatus = salle.ExitStatus
