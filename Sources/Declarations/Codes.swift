import Diagnostics

extension DiagnosticCode {
  // R01xx: the text of a file.
  package static let yamlSyntax: Self = "R0101"
  package static let yamlTag: Self = "R0102"
  package static let yamlDocuments: Self = "R0103"
  package static let yamlTooLarge: Self = "R0104"
  public static let unreadableFile: Self = "R0105"
  package static let notUTF8: Self = "R0106"

  // R011x: keys and their values.
  package static let unknownKey: Self = "R0110"
  public static let missingKey: Self = "R0111"
  public static let duplicateKey: Self = "R0112"
  public static let wrongShape: Self = "R0113"
  public static let wrongValue: Self = "R0114"
  package static let wrongVersion: Self = "R0115"
  public static let keyCombination: Self = "R0116"

  // R012x: parameters and the environment.
  public static let unknownParameter: Self = "R0120"
  package static let environmentNotAllowed: Self = "R0121"
  package static let environmentNotSet: Self = "R0122"
}
