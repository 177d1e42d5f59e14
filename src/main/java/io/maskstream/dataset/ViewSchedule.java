package io.maskstream.dataset;

/**
 * Which views each epoch takes.
 *
 * @param first views of the first epochs
 * @param last views of the epochs after them
 * @param change first epoch with the last views, from 0
 */
public record ViewSchedule(Augmentation first, Augmentation last, int change) {

  /** The same views in every epoch. */
  public static ViewSchedule constant(Augmentation augmentation) {
    return new ViewSchedule(augmentation, augmentation, 0);
  }

  Augmentation at(int epoch) {
    return epoch < change ? first : last;
  }
}
