extension TypedExpression {
  /// The expression as it was written.
  public var text: String { snippet.text }
}

extension AggregateExpression {
  /// The expression as it was written.
  public var text: String { snippet.text }
}
