import Expressions

/// The normal form of e-mail addresses: half-width, without blanks around, in lower case.
enum EmailAddress {
  /// Nil for what is no address: `local@domain`, the local part of at most 64 bytes and without
  /// blanks and quotes, the domain of at least two labels, 254 bytes in all (RFC 5321). Quoted local
  /// parts and addresses in brackets are not told apart from mistakes.
  static func normalized(_ text: String) -> String? {
    let address = LetterCase.lower.apply(
      to: UnicodeForm.trimmed(UnicodeForm.compatible(text)))
    guard address.utf8.count <= 254 else { return nil }
    let parts = address.unicodeScalars.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, isLocal(parts[0]), isDomain(parts[1]) else { return nil }
    return address
  }

  private static func isLocal(_ part: Substring.UnicodeScalarView) -> Bool {
    let atoms = part.split(separator: ".", omittingEmptySubsequences: false)
    return String(part).utf8.count <= 64
      && atoms.allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtomText) }
  }

  private static func isAtomText(_ scalar: Unicode.Scalar) -> Bool {
    isWord(scalar) || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
  }

  private static func isDomain(_ part: Substring.UnicodeScalarView) -> Bool {
    let labels = part.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, let top = labels.last else { return false }
    return labels.allSatisfy(isLabel) && !top.allSatisfy { ("0"..."9").contains($0) }
  }

  private static func isLabel(_ label: Substring.UnicodeScalarView) -> Bool {
    guard label.first != "-", label.last != "-", !label.isEmpty else { return false }
    return String(label).utf8.count <= 63 && label.allSatisfy { isWord($0) || $0 == "-" }
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
    }
    return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      || scalar.properties.generalCategory == .nonspacingMark
  }
}
