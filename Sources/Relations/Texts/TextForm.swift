import Expressions
import Foundation

/// The form in which texts are written.
public struct TextForm: Sendable, Hashable {
  /// Unicode's forms, and those of what reaches a person.
  public enum Form: String, CaseIterable, Sendable { case nfc, nfkc, email, phone }
  public enum Case: String, CaseIterable, Sendable { case lower, upper }

  public let form: Form?
  /// Whether blanks around the text go.
  public let trims: Bool
  public let letterCase: Case?
  /// Of telephone numbers without a calling code.
  public let country: CallingCode?

  public init(form: Form?, trims: Bool, letterCase: Case?, country: CallingCode?) {
    self.form = form
    self.trims = trims
    self.letterCase = letterCase
    self.country = country
  }

  /// Whether there are texts that have no such form.
  public var canFail: Bool { form == .email || form == .phone }

  /// The text in this form; nil where it has none.
  public func apply(_ text: String) -> String? {
    var text = text
    switch form {
    case .email: return EmailAddress.normalized(text)
    case .phone: return PhoneNumber.normalized(text, country: country)
    case .nfc: text = UnicodeForm.canonical(text)
    case .nfkc: text = UnicodeForm.compatible(text)
    case nil: break
    }
    if trims { text = UnicodeForm.trimmed(text) }
    switch letterCase {
    case .lower: return LetterCase.lower.apply(to: text)
    case .upper: return LetterCase.upper.apply(to: text)
    case nil: return text
    }
  }

  /// The form as an expression of a column.
  public func expression(of column: String) -> String {
    var text = column
    switch form {
    case .email: return "email(\(column))"
    case .phone:
      return "phone(\([column, country?.rawValue].compactMap { $0 }.joined(separator: ", ")))"
    case .nfc: text = "normalize(\(text), nfc)"
    case .nfkc: text = "normalize(\(text), nfkc)"
    case nil: break
    }
    if trims { text = "trim(\(text))" }
    return letterCase.map { "\($0.rawValue)(\(text))" } ?? text
  }
}

/// Unicode's normalization forms.
enum UnicodeForm {
  /// NFC: composed.
  static func canonical(_ text: String) -> String {
    isASCII(text) ? text : text.precomposedStringWithCanonicalMapping
  }

  /// NFKC: composed, and without differences that are of looks only, such as full width.
  static func compatible(_ text: String) -> String {
    // In two steps: Foundation's one leaves what it decomposed on Linux, as half-width ｶﾞ.
    isASCII(text)
      ? text : text.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
  }

  /// Without white space around it, the ideographic and the invisible included.
  static func trimmed(_ text: String) -> String {
    func isBlank(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isWhitespace || scalar == "\u{200B}" || scalar == "\u{FEFF}"
    }
    var scalars = text.unicodeScalars[...]
    scalars = scalars.drop(while: isBlank)
    while let last = scalars.last, isBlank(last) { scalars = scalars.dropLast() }
    return String(scalars)
  }

  private static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }
}
