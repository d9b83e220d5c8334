import Diagnostics
import Frames

extension Suggestion {
  /// A remedy for a column that does not exist: the nearest one, the window that its feature has not,
  /// or the columns that there are, with their stage only where it must be written.
  public static func help(forColumn written: String, in schema: Schema) -> String? {
    let all = schema.names + schema.unknown.filter { schema[$0] == nil }
    let own = all.filter { name in
      guard let point = name.firstIndex(of: ".") else { return true }
      return schema[String(name[name.index(after: point)...])] == nil
    }
    let qualified = own.filter { $0.hasSuffix("." + written) }
    if qualified.count > 1 {
      return "several inputs have it: write \(qualified.joined(separator: " or "))"
    }
    if let window = windowHelp(for: written, in: own) { return window }
    if written.contains("."), let near = nearest(to: written, in: all) {
      return "did you mean '\(near)'?"
    }
    return help(for: written, in: own)
  }

  /// Whether a column's name means another one, or nothing, where an expression writes it without double
  /// quotes.
  static func needsQuotes(_ name: String) -> Bool {
    if name.contains(".") { return false }
    let written = try? Expression(parsing: Snippet(file: SourceFile(name: "", text: name)))
    guard let written, case .column(let reference) = written.root.kind else { return true }
    return reference.key != name
  }

  private static func windowHelp(for written: String, in names: [String]) -> String? {
    guard let (feature, window) = windowed(written) else { return nil }
    let windows = names.compactMap { name -> String? in
      guard let other = windowed(name), other.feature == feature else { return nil }
      return other.window
    }
    guard !windows.isEmpty else { return nil }
    return "add \(window) to the windows of the features; '\(feature)' has "
      + windows.joined(separator: ", ")
  }

  /// The parts of `spend_30d`.
  private static func windowed(_ name: String) -> (feature: Substring, window: String)? {
    guard let point = name.lastIndex(of: "_") else { return nil }
    let window = name[name.index(after: point)...]
    guard window.count > 1, let unit = window.last, "dhm".contains(unit),
      window.dropLast().allSatisfy(\.isASCII), window.dropLast().allSatisfy(\.isNumber)
    else { return nil }
    return (name[..<point], String(window))
  }
}
