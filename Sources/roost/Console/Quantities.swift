import Foundation

/// Numbers as people read them.
enum Quantities {
  /// `1,234,567`
  static func grouped(_ number: Int) -> String {
    var digits = String(abs(number))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    groups.insert(digits, at: 0)
    return (number < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// `0.35 s`, `12.3 s`, `3 min 05 s`
  static func duration(_ seconds: Double) -> String {
    if seconds < 10 { return String(format: "%.2f s", seconds) }
    if seconds < 60 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    return String(format: "%d min %02d s", whole / 60, whole % 60)
  }

  /// `1.2M rows/s`
  static func rate(_ rows: Int, in seconds: Double) -> String? {
    guard seconds > 0.02, rows > 1000 else { return nil }
    let rate = Double(rows) / seconds
    if rate >= 1_000_000 { return String(format: "%.1fM rows/s", rate / 1_000_000) }
    return rate >= 1000 ? String(format: "%.0fk rows/s", rate / 1000) : nil
  }
}
