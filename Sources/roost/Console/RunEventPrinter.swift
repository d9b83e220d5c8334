import Inspection
import Runs
import Synchronization

/// Prints each event of a run as a line of JSON, for programs.
final class RunEventPrinter: Sendable {
  private let lines = Mutex(RunEventLines())

  func show(_ event: RunEvent) {
    // Printed under the lock, so that the lines stand in the order of the events.
    lines.withLock { lines in
      for line in lines.lines(of: event, at: .now) { Console.data(line.json.text) }
    }
  }
}
