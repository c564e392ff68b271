import { z } from 'zod';
import { callerFields } from '#services/kit/caller';
import { defineEvents } from '#services/kit/events/contract';

const ratingSchema = z.number().int().min(1).max(5).meta({ example: 4 });

export const newReviewSchema = z
  .strictObject({
    orderId: z.uuid().meta({ description: 'The order in which the product was bought.' }),
    rating: ratingSchema,
    title: z.string().trim().min(1).max(120).meta({ example: 'Warm and light' }),
    text: z.string().trim().max(2_000).default('').meta({ example: 'Fits as expected.' }),
  })
  .meta({ id: 'NewReview' });
export type NewReview = z.infer<typeof newReviewSchema>;

export const reviewStatusSchema = z.enum(['pending', 'published', 'rejected']);
export type ReviewStatus = z.infer<typeof reviewStatusSchema>;

export const reviewSchema = z
  .object({
    reviewId: z.uuid(),
    productId: z.string(),
    rating: ratingSchema,
    title: z.string(),
    text: z.string(),
    status: reviewStatusSchema,
    /** Why it waits for a person. */
    concern: z.string().nullable(),
    postedAt: z.iso.datetime(),
  })
  .meta({ id: 'Review' });
export type Review = z.infer<typeof reviewSchema>;

export const productReviewsSchema = z
  .object({
    items: z.array(reviewSchema),
    count: z.number().int(),
    average: z.number().nullable().meta({ description: 'Null without a review.', example: 4.2 }),
    histogram: z.array(z.number().int()).length(5).meta({ description: 'Reviews with 1, 2, 3, 4 and 5 stars.' }),
  })
  .meta({ id: 'ProductReviews' });
export type ProductReviews = z.infer<typeof productReviewsSchema>;

export const decisionSchema = z
  .strictObject({ decision: z.enum(['publish', 'reject']), by: z.string().min(1).max(80) })
  .meta({ id: 'Decision' });
export type Decision = z.infer<typeof decisionSchema>;

/** What reviews publishes. */
export const events = defineEvents('reviews', {
  'review.posted': z.object({
    reviewId: z.string(),
    productId: z.string(),
    rating: z.int().min(1).max(5),
    status: z.string(),
    ...callerFields,
  }),
});
