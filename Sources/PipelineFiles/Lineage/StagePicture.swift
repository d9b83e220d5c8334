/// The stages of a pipeline as an SVG picture: boxes in columns from what is read to what is
/// published, with a line for each use.
public struct StagePicture {
  /// One box.
  public struct Box {
    let name: String
    let kind: String
    let uses: [String]
    /// Shown below the name; empty for none.
    let columns: [String]
  }

  private let boxes: [Box]
  private let title: String
  private static let width = 190
  private static let gap = (across: 90, down: 24)
  private static let line = 15

  public init(title: String, boxes: [Box]) {
    self.title = title
    self.boxes = boxes
  }

  /// - Parameter showsColumns: whether each box lists the columns that its stage hands on.
  public init(_ pipeline: Pipeline, _ plans: [String: any StagePlan], showsColumns: Bool) {
    self.init(
      title: pipeline.name,
      boxes: pipeline.stages.map { stage in
        var columns: [String] = []
        if showsColumns, case .relation(let shape)? = plans[stage.name.text]?.shape {
          columns = shape.schema.names
        }
        return Box(
          name: stage.name.text, kind: stage.kindName, uses: stage.dependencies, columns: columns)
      })
  }

  /// The picture as an SVG document.
  public var svg: String {
    let places = places()
    let right = places.values.map { $0.x + Self.width }.max() ?? 0
    let bottom = boxes.map { (places[$0.name]?.y ?? 0) + height($0) }.max() ?? 0
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(right + 20) \(bottom + 20)" \
      width="\(right + 20)" height="\(bottom + 20)" font-family="sans-serif" font-size="12">
      <title>\(Self.escaped(title))</title>
      <rect width="100%" height="100%" fill="white"/>
      """
    ]
    for box in boxes {
      guard let end = places[box.name] else { continue }
      for use in box.uses {
        guard let start = places[use] else { continue }
        let (x1, y1) = (start.x + Self.width, start.y + 20)
        let (x2, y2) = (end.x, end.y + 20)
        let middle = (x1 + x2) / 2
        parts.append(
          """
          <path d="M\(x1) \(y1) C\(middle) \(y1) \(middle) \(y2) \(x2) \(y2)" fill="none" \
          stroke="#8a93a6"/>
          """)
      }
    }
    for box in boxes {
      guard let place = places[box.name] else { continue }
      parts.append(
        """
        <rect x="\(place.x)" y="\(place.y)" width="\(Self.width)" height="\(height(box))" rx="5" \
        fill="\(Self.colours[box.kind] ?? "#f4f5f7")" stroke="#5b6476"/>
        <text x="\(place.x + 10)" y="\(place.y + 17)" font-weight="bold">\
        \(Self.escaped(Self.fitting(box.name)))</text>
        <text x="\(place.x + 10)" y="\(place.y + 32)" fill="#5b6476">\(Self.escaped(box.kind))</text>
        """)
      for (row, column) in box.columns.enumerated() {
        parts.append(
          """
          <text x="\(place.x + 10)" y="\(place.y + 50 + row * Self.line)" font-size="11">\
          \(Self.escaped(Self.fitting(column)))</text>
          """)
      }
    }
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func height(_ box: Box) -> Int {
    40 + (box.columns.isEmpty ? 0 : 6 + box.columns.count * Self.line)
  }

  /// Each box one column to the right of the last that it uses; within a column in the order of the
  /// boxes.
  private func places() -> [String: (x: Int, y: Int)] {
    var layer: [String: Int] = [:]
    var filled: [Int: Int] = [:]
    var places: [String: (x: Int, y: Int)] = [:]
    for box in boxes {
      let column = (box.uses.compactMap { layer[$0] }.max() ?? -1) + 1
      layer[box.name] = column
      let y = filled[column] ?? 20
      places[box.name] = (20 + column * (Self.width + Self.gap.across), y)
      filled[column] = y + height(box) + Self.gap.down
    }
    return places
  }

  private static let colours = [
    "extract": "#dcebfa", "clean": "#e3f4e1", "features": "#fdf3d7", "train": "#f8e0e6",
    "score": "#f8e0e6", "segment": "#ece4f7", "target": "#ece4f7", "write": "#e4e7ec",
  ]

  private static func fitting(_ text: String) -> String {
    text.count > 26 ? text.prefix(25) + "…" : text
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
