import Glibc

/// Why a frame cannot be read from a file or written to one. Never holds values of rows.
public struct FrameFileError: Error, Sendable, Hashable {
  public enum Problem: Sendable, Hashable {
    /// The system refused an operation, such as `open`, with an `errno`.
    case system(operation: String, code: Int32)
    /// It is no frame file.
    case foreign
    /// It has a version of the format that is not known here.
    case version(found: Int)
    /// It ends too early, or goes on behind its end.
    case length(found: Int, expected: Int)
    /// What is in it is not what was written; says which part.
    case altered(String)
    /// It is encrypted with a key other than the one at hand; nil where there is none.
    case wrongKey(found: String, given: String?)
    /// It is not encrypted although it should be.
    case notEncrypted
    /// It holds other columns than those that were asked for.
    case columns(String)
    /// The ciphers do not work.
    case cipher(String)
  }

  public let path: String
  public let problem: Problem

  public init(_ path: String, _ problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// Whether there is no such file.
  public var isMissing: Bool {
    if case .system(_, ENOENT) = problem { true } else { false }
  }

  static func system(_ operation: String, _ path: String) -> FrameFileError {
    FrameFileError(path, .system(operation: operation, code: errno))
  }
}

extension FrameFileError: CustomStringConvertible {
  public var description: String { "\(path) \(what)" }

  private var what: String {
    switch problem {
    case .system(let operation, let code):
      "cannot be used: \(operation): \(String(cString: strerror(code))); see that the folder exists, "
        + "belongs to the user who runs roost, and has room"
    case .foreign: "is no frame file; remove it"
    case .version(let found):
      "has version \(found) of the format, this roost knows \(FramePrefix.version); "
        + "install the newer roost, or remove the file"
    case .length(let found, let expected):
      "has \(found) bytes and should have \(expected): it was cut off or added to; remove it"
    case .altered(let part): "was altered or damaged in \(part); remove it, and check the disk"
    case .wrongKey(let found, nil):
      "is encrypted with the key \(found), and there is none; set ROOST_STATE_KEY"
    case .wrongKey(let found, let given?):
      "is encrypted with the key \(found) and cannot be read with \(given); "
        + "set ROOST_STATE_KEY to the key of before, or remove the file"
    case .notEncrypted: "is not encrypted and should be; remove it"
    case .columns(let text): "has other columns than expected: \(text); remove it"
    case .cipher(let text): "cannot be used: \(text)"
    }
  }
}
