/// The normal form of telephone numbers: `+`, the country's calling code and the number's digits, as
/// in ITU-T E.164.
enum PhoneNumber {
  /// Nil for what is no number, and for a number without a calling code where no country is given.
  static func normalized(_ text: String, country: CallingCode?) -> String? {
    guard let (digits, isInternational) = digits(of: text) else { return nil }
    if isInternational { return international(digits) }
    guard let country else { return nil }
    if let number = country.national(digits) { return international(country.code + number) }
    // Whoever leaves out the + as a rule leaves the number complete.
    guard digits.hasPrefix(country.code),
      country.lengths.contains(digits.count - country.code.count)
    else { return nil }
    return international(digits)
  }

  /// At most 15 digits, the first of which is not 0.
  private static func international(_ digits: String) -> String? {
    (7...15).contains(digits.utf8.count) && !digits.hasPrefix("0") ? "+" + digits : nil
  }

  /// The digits, and whether they begin with a calling code; nil where there is more than digits and
  /// what people write between them.
  private static func digits(of text: String) -> (String, isInternational: Bool)? {
    let plain = UnicodeForm.trimmed(UnicodeForm.compatible(text))
    var digits = ""
    var isInternational = false
    for scalar in plain.replacing("(0)", with: "").unicodeScalars {
      switch scalar {
      case "0"..."9": digits.unicodeScalars.append(scalar)
      case "+":
        guard digits.isEmpty, !isInternational else { return nil }
        isInternational = true
      case ".", "/", "(", ")", "·": continue
      default:
        let isSeparator =
          scalar.properties.isWhitespace || scalar.properties.generalCategory == .dashPunctuation
        guard isSeparator || scalar == "\u{2212}" else { return nil }
      }
    }
    if !isInternational, digits.hasPrefix("00") {
      digits.removeFirst(2)
      isInternational = true
    }
    return digits.isEmpty ? nil : (digits, isInternational)
  }
}
