import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  QueryClientProvider,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { Problem } from './client.ts';

// The only file that knows TanStack Query.
export { keepPreviousData, QueryClientProvider, useMutation, useQuery, useQueryClient };

/** Who is refused because of who they are finds out at once whether that is so for everything: then the session is over. */
function notice(error: unknown): void {
  if (error instanceof Problem && error.status === 401)
    void queryClient.invalidateQueries({ queryKey: ['me'] });
}

/** Asks again by itself after a moment, unless the answer would be the same. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error, { queryKey }) => queryKey[0] !== 'me' && notice(error) }),
  mutationCache: new MutationCache({ onError: notice }),
  defaultOptions: {
    // A gateway on this machine is there without any network, whatever the browser thinks.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 2_000,
      retry: (count, error) =>
        count < 1 && error instanceof Problem && error.status >= 500 && error.status !== 503,
      refetchOnWindowFocus: true,
    },
  },
});
