import Diagnostics

/// A database of a project: its address, or keys where there is more to say.
public struct DatabaseSettings: Readable {
  public let url: Deferred
  /// How many connections a run may read it over at once; nil for what suits the machine.
  public let maxParallel: Int?

  private struct Full: Record {
    static let about = "A database, and how hard a run may press it."
    let url: Deferred
    let maxParallel: Count?

    init(_ keys: inout Keys) {
      url = keys("url", "Its libpq URL from the environment.")
      maxParallel = keys(
        "max_parallel",
        "How many connections a run reads it over at once; as many as the machine has cores, but 2 "
          + "to 4, when left out.")
    }
  }

  public static var shape: Shape { .either(Deferred.shape, or: Full.shape) }
  public static var blank: Self { Self(url: .blank, maxParallel: nil) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .mapping = node.kind {
      return Full.read(node, reader).map {
        Self(url: $0.url, maxParallel: $0.maxParallel?.value)
      }
    }
    return Deferred.read(node, reader).map { Self(url: $0, maxParallel: nil) }
  }
}
