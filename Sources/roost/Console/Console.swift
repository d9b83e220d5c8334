import Diagnostics
import Foundation
import Synchronization

/// Where things are printed: data to stdout, everything else to stderr; colours on a terminal only.
enum Console {
  static let isTerminal = isatty(STDERR_FILENO) == 1
  static let hasColours =
    isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"]?.isEmpty ?? true
    && ProcessInfo.processInfo.environment["TERM"] != "dumb"

  /// Columns of the terminal that stdout is; 80 where it is none.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Columns that output for people may take: those of the terminal, or what COLUMNS says; nil where
  /// nothing limits it, as in a file.
  static var limitedWidth: Int? {
    if isatty(STDOUT_FILENO) == 1 { return width }
    return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
  }

  static func print(_ text: String) { write(text + "\n", to: .standardOutput) }
  static func note(_ text: String) { write(text + "\n", to: .standardError) }
  static func error(_ text: String) { note("\(paint("error:", "31;1")) \(text)") }

  /// - Parameter notes: whether notes are shown too, which nobody wants to read every night.
  static func show(_ report: Report, notes: Bool = false) {
    let messages = report.sorted.filter { notes || $0.severity != .note }
    guard !messages.isEmpty else { return }
    write(TextRenderer(colours: hasColours).render(messages), to: .standardError)
  }

  static func paint(_ text: String, _ code: String) -> String {
    hasColours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }

  /// Why standard output could not be written, if it could not.
  static var outputTrouble: String? {
    let number = outputError.load(ordering: .relaxed)
    return number == 0 || number == EPIPE ? nil : String(cString: strerror(number))
  }

  /// Whether somebody may still read standard output.
  static var hasReader: Bool { outputError.load(ordering: .relaxed) != EPIPE }

  private static let outputError = Atomic<Int32>(0)

  /// Writes without a line break of its own. A reader that has gone away is no error.
  static func write(_ text: String, to handle: FileHandle) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes {
        Glibc.write(handle.fileDescriptor, $0.baseAddress, $0.count)
      }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
      } else if errno != EINTR {
        if handle.fileDescriptor == STDOUT_FILENO {
          outputError.store(errno, ordering: .relaxed)
        }
        return
      }
    }
  }
}
