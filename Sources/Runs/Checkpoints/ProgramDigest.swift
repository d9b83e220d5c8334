import Cryptography
import Foundation

/// Tells apart builds of roost by what is in them: two may not make the same of one definition, and size
/// and time of a file say nothing where images and packages set all times to one.
public struct ProgramDigest: Sendable {
  /// That of the running executable, SHA-256 in hexadecimal digits. Blocks for some hundredths of a second
  /// when it is first asked for.
  public static let running = ProgramDigest { executable }

  private let make: @Sendable () -> String

  private init(_ make: @escaping @Sendable () -> String) { self.make = make }

  /// That of another program.
  public init(_ text: String) { self.init { text } }

  var text: String { make() }

  /// Begins to work it out beside what else is to be done.
  func prepare() {
    Thread.detachNewThread { _ = text }
  }

  private static let executable: String = {
    if let digest = try? Digest.sha256(ofFile: "/proc/self/exe") { return digest.hexadecimal }
    // Then nothing is taken from any other process.
    return (try? RandomBytes.make(16).hexadecimal) ?? ""
  }()
}
