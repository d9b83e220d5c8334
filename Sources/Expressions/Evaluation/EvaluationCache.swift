import Frames
import Synchronization

/// Values of expressions over the rows of one frame, kept because they are the same at every as-of.
public final class EvaluationCache: Sendable {
  private let values = Mutex<[String: Vector]>([:])

  public init() {}

  /// The values of an expression in every row of the frame that this cache belongs to.
  func evaluate(
    _ expression: TypedExpression, with evaluator: Evaluator
  ) throws(EvaluationError) -> Vector {
    let isLasting = !expression.dependsOnAsOf
    if isLasting, let known = values.withLock({ $0[expression.text] }) { return known }
    let vector = try evaluator.evaluate(expression.node, .all(evaluator.frame.rowCount))
    if isLasting { values.withLock { $0[expression.text] = vector } }
    return vector
  }
}
