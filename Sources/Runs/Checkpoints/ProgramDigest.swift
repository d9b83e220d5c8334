import Cryptography
import Foundation

/// Tells apart builds of roost by what is in them: two may not make the same of one definition, and size
/// and time of a file say nothing where images and packages set all times to one.
enum ProgramDigest {
  /// SHA-256 of the running executable, in hexadecimal digits. Blocks for some hundredths of a second when
  /// it is first asked for.
  static let text: String = {
    if let digest = try? Digest.sha256(ofFile: "/proc/self/exe") { return digest.hexadecimal }
    // Then nothing is taken from any other process.
    return (try? RandomBytes.make(16).hexadecimal) ?? ""
  }()

  /// Begins to work it out beside what else is to be done.
  static func prepare() {
    Thread.detachNewThread { _ = text }
  }
}
