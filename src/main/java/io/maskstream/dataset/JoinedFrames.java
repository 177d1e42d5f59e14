package io.maskstream.dataset;

import io.maskstream.frame.LabeledPicture;
import java.io.IOException;
import java.util.List;

/** Several sources, one after the other. */
public final class JoinedFrames implements LabeledFrames {
  private final List<LabeledFrames> parts;

  public JoinedFrames(List<LabeledFrames> parts) {
    this.parts = List.copyOf(parts);
  }

  private record Place(int part, int index) {}

  private Place place(int index) {
    int rest = index;
    for (int part = 0; part < parts.size(); part++) {
      if (rest < parts.get(part).size()) {
        return new Place(part, rest);
      }
      rest -= parts.get(part).size();
    }
    throw new IndexOutOfBoundsException(index);
  }

  @Override
  public int size() {
    return parts.stream().mapToInt(LabeledFrames::size).sum();
  }

  @Override
  public LabeledPicture get(int index) throws IOException {
    Place place = place(index);
    return parts.get(place.part()).get(place.index());
  }

  @Override
  public boolean sameSequence(int first, int second) {
    Place a = place(first);
    Place b = place(second);
    return a.part() == b.part() && parts.get(a.part()).sameSequence(a.index(), b.index());
  }

  @Override
  public boolean isMotion(int first, int second) {
    Place a = place(first);
    Place b = place(second);
    return a.part() == b.part() && parts.get(a.part()).isMotion(a.index(), b.index());
  }
}
