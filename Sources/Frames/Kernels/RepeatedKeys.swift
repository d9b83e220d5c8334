extension Frame {
  /// Of a frame that is ordered by some columns first: how many rows agree in all of them with a row
  /// before. A null agrees with nothing.
  public func repeats(of names: [String]) -> Int {
    let columns = names.compactMap { self[$0] }
    guard rowCount > 1, !columns.isEmpty else { return 0 }
    var isRepeated = [Bool](repeating: true, count: rowCount)
    isRepeated[0] = false
    for column in columns { column.clearDifferences(from: &isRepeated) }
    return isRepeated.count { $0 }
  }
}

extension Column {
  /// Unmarks the rows that differ from the row before.
  fileprivate func clearDifferences(from marks: inout [Bool]) {
    // Equal texts may have two codes; only codes that differ have to be looked up.
    if case .text(let codes, let dictionary) = values {
      for row in 1..<count where marks[row] {
        marks[row] =
          !isNull(row) && !isNull(row - 1)
          && (codes[row] == codes[row - 1]
            || dictionary.utf8(codes[row]).elementsEqual(dictionary.utf8(codes[row - 1])))
      }
      return
    }
    let keys = SortKeys(self)
    for row in 1..<count where marks[row] {
      marks[row] = !isNull(row) && !isNull(row - 1) && keys.compare(row - 1, row) == 0
    }
  }
}
