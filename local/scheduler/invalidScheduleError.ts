/** A schedule that AWS would refuse; the message is fit for the caller. */
export class InvalidScheduleError extends Error {
  override name = 'InvalidScheduleError';
}
