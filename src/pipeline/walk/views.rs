//! What decoding needs to know of a session and its peers: made once a batch, and again after a change.

use crate::pipeline::Request;
use crate::pipeline::batch::{Batch, PeerView, SessionView};
use crate::session::Session;

/// A session with the places of its views in the current batch.
pub(super) struct Live {
    pub(super) session: Session,
    pub(super) view: View,
    pub(super) peer_views: Vec<View>,
}

/// Where something stands in the batch of this generation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct View {
    pub(super) generation: u64,
    pub(super) index: u32,
}

impl Live {
    /// Whether its router is asked for; `told` is the name that its present message tells.
    pub(super) fn is_wanted(&self, request: &Request, told: Option<&str>) -> bool {
        let address = self.session.router_address;
        request.wants_router(address, told.or(self.session.router.sys_name.as_deref()))
    }

    /// Nothing more comes: what only looks things up is not needed any longer.
    pub(super) fn finish(&mut self) {
        self.peer_views = Vec::new();
        self.session.finish();
    }

    /// The session's place in the batch.
    #[inline(always)]
    pub(super) fn session_view(&mut self, generation: u64, batch: &mut Batch) -> u32 {
        match self.view.generation == generation {
            true => self.view.index,
            false => self.add_session_view(generation, batch),
        }
    }

    #[cold]
    fn add_session_view(&mut self, generation: u64, batch: &mut Batch) -> u32 {
        let index = u32::try_from(batch.sessions.len()).unwrap_or(u32::MAX);
        batch.sessions.push(SessionView::of(&self.session));
        self.view = View { generation, index };
        index
    }

    /// A peer's place in the batch.
    #[inline(always)]
    pub(super) fn peer_view(
        &mut self,
        peer: u32,
        request: &Request,
        generation: u64,
        batch: &mut Batch,
    ) -> u32 {
        match self.peer_views.get(peer as usize) {
            Some(view) if view.generation == generation => view.index,
            _ => self.add_peer_view(peer, request, generation, batch),
        }
    }

    #[cold]
    fn add_peer_view(
        &mut self,
        peer: u32,
        request: &Request,
        generation: u64,
        batch: &mut Batch,
    ) -> u32 {
        let at = peer as usize;
        let Some(facts) = self.session.peers.get(at) else {
            return Batch::NO_PEER;
        };
        let index = u32::try_from(batch.peers.len()).unwrap_or(u32::MAX);
        batch.peers.push(PeerView::of(peer, facts, request.assumed));
        if self.peer_views.len() <= at {
            self.peer_views.resize(at + 1, View::default());
        }
        if let Some(view) = self.peer_views.get_mut(at) {
            *view = View { generation, index };
        }
        index
    }

    /// What was told of the session or the peer has changed: later messages need new views.
    pub(super) fn forget_views(&mut self, peer: Option<u32>) {
        match peer {
            None => self.view = View::default(),
            Some(peer) => {
                if let Some(view) = self.peer_views.get_mut(peer as usize) {
                    *view = View::default();
                }
            }
        }
    }
}
