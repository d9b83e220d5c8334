extension Column {
  /// Of texts that are labels of an enum, their places in its order, from 0, as `int4`; nulls stay.
  /// - Returns: nil where a text is none of the labels.
  public func places(in labels: [String]) -> Column? {
    guard case .text(let codes, let dictionary) = values else { return nil }
    let places = Dictionary(
      labels.enumerated().map { (Array($1.utf8), Int64($0)) },
      uniquingKeysWith: { first, _ in first })
    let known = (0..<Int32(dictionary.count)).map { places[Array(dictionary.utf8($0))] }
    var found = [Int64](repeating: 0, count: codes.count)
    for row in codes.indices where !isNull(row) {
      guard let place = known[Int(codes[row])] else { return nil }
      found[row] = place
    }
    return Column(type: .int4, values: .int64(found), validity: validity)
  }
}

extension Frame {
  /// The row numbers in order, where a column may be an enum, which orders by its labels.
  /// - Parameter labels: those of the first column; nil where it is none.
  public func order(by columns: [SortColumn], labels: [String]?) -> [Int32] {
    guard let labels, let first = columns.first, let places = self[first.name]?.places(in: labels)
    else { return order(by: columns) }
    return setting(Field(first.name, .int4), to: places).order(by: columns)
  }
}
