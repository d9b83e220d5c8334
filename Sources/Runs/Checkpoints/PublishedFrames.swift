import Frames
import PostgresClient
import Synchronization

/// What stages publish, or would.
package final class PublishedFrames: Sendable {
  private let frames = Mutex<[QualifiedName: Frame]>([:])

  package init() {}

  package func add(_ frame: Frame, as name: QualifiedName) { frames.withLock { $0[name] = frame } }
  package subscript(name: QualifiedName) -> Frame? { frames.withLock { $0[name] } }
  package var all: [QualifiedName: Frame] { frames.withLock { $0 } }
}
