import Frames
import Synchronization

/// Values of expressions over the rows of one frame, kept because they are the same at every as-of.
public final class EvaluationCache: Sendable {
  private struct Entry {
    let vector: Vector
    /// Held, so that no other object gets its address.
    let identity: TypedExpression.Identity
  }
  private let entries = Mutex<[ObjectIdentifier: Entry]>([:])

  public init() {}

  /// The values of an expression in every row of the frame that this cache belongs to.
  func evaluate(
    _ expression: TypedExpression, with evaluator: Evaluator
  ) throws(EvaluationError) -> Vector {
    let key = ObjectIdentifier(expression.identity)
    if let known = entries.withLock({ $0[key]?.vector }) { return known }
    let vector = try evaluator.evaluate(expression.node, .all(evaluator.frame.rowCount))
    if !expression.dependsOnAsOf {
      let entry = Entry(vector: vector, identity: expression.identity)
      entries.withLock { $0[key] = entry }
    }
    return vector
  }
}
