import Frames
import PipelineFiles
import PostgresFacts
import Relations

/// What in the SELECT looks at other rows than each row's own, unless there is a reason for it.
extension Extract {
  func dependence(_ description: StatementDescription) -> RowDependence.OfColumns {
    guard let reading = description.reading else { return RowDependence.OfColumns() }
    return RowDependence.OfColumns(
      reading, columns: description.schema.names,
      times: [time, arrived, validTo].compactMap { $0?.text })
  }

  func isFromManyRows(
    _ field: Field, _ dependence: RowDependence.OfColumns, _ description: StatementDescription
  ) -> Bool {
    guard pointInTime == nil else { return false }
    let own = key.values + [time, arrived, validFrom, validTo].compactMap { $0 }
    if own.contains(where: { $0.text == field.name }) {
      return dependence.workedOut[field.name] == false
    }
    // What shows a column of a table is the same in all rows that are put together.
    return dependence.rows.values != nil
      && description.reading?.plainColumns.contains(field.name) != true
  }

  /// What decides by other rows which rows there are, or when they are known.
  func choice(_ dependence: RowDependence.OfColumns) -> String? {
    guard pointInTime == nil else { return nil }
    if let choice = dependence.rows.choice {
      return choice == ":as_of" ? choice : "\(choice) in a SELECT or a view"
    }
    for name in [time, arrived, validTo].compactMap({ $0?.text }) {
      guard let isLeast = dependence.workedOut[name] else { continue }
      // Later rows do not change when the first of a group was there.
      if isLeast, name == time?.text, name != arrived?.text, name != validTo?.text { continue }
      return RelationShape.choice(by: name)
    }
    return nil
  }
}
