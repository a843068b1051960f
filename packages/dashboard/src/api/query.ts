import {
  keepPreviousData,
  QueryClient,
  QueryClientProvider,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { Problem } from './client.ts';

// The only file that knows TanStack Query.
export { keepPreviousData, QueryClientProvider, useMutation, useQuery, useQueryClient };

/** Asks again by itself after a moment, unless the answer would be the same. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (count, error) =>
        count < 1 && error instanceof Problem && error.status >= 500 && error.status !== 503,
      refetchOnWindowFocus: true,
    },
  },
});
