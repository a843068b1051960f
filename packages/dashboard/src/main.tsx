import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/controls.css';
import './styles/data.css';
import './styles/editor.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { QueryClientProvider, queryClient } from './api/query.ts';
import { returnToPlace } from './router/return.ts';
import { App } from './shell/app.tsx';
import { applyTheme, savedTheme } from './shell/theme.ts';

applyTheme(savedTheme());
returnToPlace();
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
