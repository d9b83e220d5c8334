import Frames
import PostgresClient
import Synchronization

/// What stages publish, or would.
final class PublishedFrames: Sendable {
  private let frames = Mutex<[QualifiedName: Frame]>([:])

  func add(_ frame: Frame, as name: QualifiedName) { frames.withLock { $0[name] = frame } }
  subscript(name: QualifiedName) -> Frame? { frames.withLock { $0[name] } }
  var all: [QualifiedName: Frame] { frames.withLock { $0 } }
}
