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
      .flatMap { $0 > 0 ? $0 : nil }
  }

  /// Prints text for people: what a terminal would obey in it is escaped, whatever database it came from.
  static func print(_ text: String) { write(dressed(text) + "\n", to: .standardOutput) }
  static func note(_ text: String) { write(dressed(text) + "\n", to: .standardError) }
  /// Prints text for programs as it is.
  static func data(_ text: String) { write(text + "\n", to: .standardOutput) }
  static func error(_ text: String) { note("\(paint("error:", "31;1")) \(text)") }

  /// - Parameter notes: whether notes are shown too, which nobody wants to read every night.
  static func show(_ report: Report, notes: Bool = false) {
    let messages = report.sorted.filter { notes || $0.severity != .note }
    guard !messages.isEmpty else { return }
    write(TextRenderer(colours: hasColours).render(messages), to: .standardError)
  }

  /// Text in a colour, once it is printed.
  static func paint(_ text: String, _ code: String) -> String {
    hasColours ? "\u{f8f0}\(code)\u{f8f1}\(text)\u{f8f0}0\u{f8f1}" : text
  }

  private static let codes: Set<Substring> = ["0", "31", "31;1", "32", "32;1", "33", "33;1", "36"]

  /// The text as it is written: colours are the only escapes in it. Until here they stand between
  /// characters for private use.
  private static func dressed(_ text: String) -> String {
    let text = SafeText.lines(text)
    guard hasColours, text.unicodeScalars.contains("\u{f8f0}") else { return text }
    return text.replacing(
      #/\u{f8f0}([^\u{f8f1}]*)\u{f8f1}/#,
      with: { codes.contains($0.1) ? "\u{1b}[\($0.1)m" : "" })
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
