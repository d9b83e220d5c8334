import Frames

/// Why a text is no instant, and what may have been meant.
struct WrongInstant: CustomStringConvertible {
  let description: String

  init(_ text: String) {
    guard let (year, month, day) = Self.date(text) else {
      description = "'\(text)' is not an instant\n  help: write 2026-06-21 or 2026-06-21T09:30"
      return
    }
    func padded(_ number: Int, _ width: Int) -> String {
      String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
    }
    let written = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    if Instant(written, in: .utc) == nil {
      description = "there is no day \(written)"
    } else if text.hasPrefix(written) {
      description = "'\(text)' has no time of day\n  help: write \(written) or \(written)T09:30"
    } else {
      description = "'\(text)' is not an instant\n  help: write \(written)"
    }
  }

  /// Year, month and day as they may be written elsewhere: `1998-7-1`, `1998/07/01`, `01.07.1998`.
  private static func date(_ text: String) -> (Int, Int, Int)? {
    if let found = try? /(\d{4})[-\/.](\d{1,2})[-\/.](\d{1,2})(?:\D.*)?/.wholeMatch(in: text),
      let year = Int(found.1), let month = Int(found.2), let day = Int(found.3)
    {
      return (year, month, day)
    }
    if let found = try? /(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\D.*)?/.wholeMatch(in: text),
      let year = Int(found.3), let month = Int(found.2), let day = Int(found.1)
    {
      return (year, month, day)
    }
    return nil
  }
}
